import type { HubMessage } from '../protocols/messages.js';
import type { HubProtocol, Payload } from '../protocols/hub-protocol.js';

/** A message for many connections, ready for each protocol. */
export interface PreparedMessage {
  /** Exactly one message: with stateful reconnect each is numbered. Throws when it cannot be written in that protocol. */
  payload(protocol: HubProtocol): Payload;
}

/** Written at most once for each protocol, when the first receiver needs it. */
export class OnceEncoded implements PreparedMessage {
  private readonly payloads = new Map<string, Payload>();

  constructor(private readonly message: HubMessage) {}

  payload(protocol: HubProtocol): Payload {
    const known = this.payloads.get(protocol.name);
    if (known !== undefined) return known;
    const payload = protocol.write(this.message);
    this.payloads.set(protocol.name, payload);
    return payload;
  }
}

/** Payloads by protocol name, written elsewhere: on another node, or put together by the application. */
export class ReadyPayloads implements PreparedMessage {
  constructor(private readonly payloads: ReadonlyMap<string, Payload>) {}

  payload(protocol: HubProtocol): Payload {
    const payload = this.payloads.get(protocol.name);
    if (payload === undefined) throw new TypeError(`The message was not prepared for '${protocol.name}'.`);
    return payload;
  }
}

/** One call of a client method that nobody answers. */
export const prepareSend = (target: string, args: readonly unknown[]): PreparedMessage =>
  new OnceEncoded({ type: 'invocation', target, args });
