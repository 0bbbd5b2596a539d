import type { MessageQueue } from './message-queue.js';
import type { PausablePolling } from './pausable-polling.js';

/** What a client sends in one message: text, or bytes. */
export type WireMessage = string | Buffer;

/** A connection of a client that knows transport and framing, and nothing of what the messages mean. */
export interface WireConnection {
  /** Messages of the server, each as text. */
  readonly queue: MessageQueue;
  /** Absent where the server sends by itself. */
  readonly polling?: PausablePolling;
  send(message: WireMessage): Promise<void>;
  /** Says goodbye as the transport does. */
  close(): Promise<void>;
}

/** Where a client connects, and with what. */
export interface Target {
  readonly url: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

type Query = Readonly<Record<string, string>>;

/** The URL of a target with further parameters. */
export function urlOf({ url, path, query }: Target, further: Query, scheme: 'http' | 'ws'): string {
  const whole = new URL(path, url.replace(/^http/, scheme));
  for (const [name, value] of Object.entries({ ...further, ...query })) whole.searchParams.set(name, value);
  return whole.href;
}

/** The same as it stands in the first line of a request. */
export function pathOf(target: Target, further: Query): string {
  const { pathname, search } = new URL(urlOf(target, further, 'http'));
  return pathname + search;
}
