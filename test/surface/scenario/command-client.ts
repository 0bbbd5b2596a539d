import type { Conversation } from './conversation.js';

/** Who a client says that it is. */
export interface Credentials {
  readonly token?: string;
  readonly subscriberId?: string;
  readonly resume?: 'on-connect' | 'on-subscribe';
}

/** A client that calls methods, whatever the protocol. */
export interface CommandClient {
  readonly conversation: Conversation;
  /** As operators see it. */
  readonly connectionId: string;
  /** Whether a message that asked for no reply, and that the protocol itself does not know, is answered with a notice. */
  readonly hasProtocolNotices: boolean;
  /** Calls a method that is to be answered. Resolves to what has arrived: the reply and so many further messages. */
  call(step: string, method: string, args: readonly unknown[], further?: number): Promise<string>;
  /** Calls a method and waits for a message with each of the texts; others may come beside them. */
  callUntil(step: string, method: string, args: readonly unknown[], texts: readonly string[]): Promise<void>;
  /** Sends a command that asks for no reply. */
  notify(step: string, method: string, args: readonly unknown[], messages?: number): Promise<string>;
}

/** One protocol over one transport: how clients of it connect. */
export interface Dialect {
  /** Under which its recordings stand, and part of the eventguids of its scenario. */
  readonly name: string;
  connect(url: string, credentials?: Credentials): Promise<CommandClient>;
}

/** The first position in what a client has received. */
export function positionIn(received: string): string {
  return /"position":"([^"]+)"/.exec(received)?.[1] ?? '';
}
