import type { ClientConnection, ConnectionListener } from '../../client-connection.js';
import type { ByteText, Payload, TransferFormat } from '../../protocols/hub-protocol.js';

/** A JSON message as it is on the wire. */
export type Wire = Readonly<Record<string, unknown>>;

const separator = '\u001e';
let lastId = 0;

/** What a spec says of a transport. */
export type FakeFacts = Partial<
  Pick<ClientConnection, 'transport' | 'transferFormats' | 'needsPings' | 'statefulReconnect' | 'user'>
> & { readonly pause?: () => void; readonly resume?: () => void; readonly disableReconnect?: () => void };

/** A client on a transport that is only played. */
export class FakeConnection implements ClientConnection {
  readonly connectionId = `c${(lastId += 1)}`;
  transport: ClientConnection['transport'] = 'WebSockets';
  transferFormats: readonly TransferFormat[] = ['Text', 'Binary'];
  needsPings = true;
  statefulReconnect = false;
  readonly opening = { headers: {}, query: new URLSearchParams() };
  user: unknown = undefined;
  bufferedBytes = 0;
  /** Each write, as it went out. */
  readonly writes: (readonly Payload[])[] = [];
  readonly ended: ('close' | 'abort')[] = [];
  private listener: ConnectionListener | undefined;

  constructor(facts: FakeFacts = {}) {
    Object.assign(this, facts);
  }

  setFormat(): void {}

  send(payloads: readonly Payload[]): void {
    this.writes.push(payloads);
  }

  sendBytes(messages: readonly ByteText[]): void {
    this.writes.push(messages.map((message) => Buffer.from(message, 'latin1')));
  }

  close(): void {
    if (this.ended.length === 0) this.ended.push('close');
  }

  abort(): void {
    this.ended.push('abort');
  }

  listen(listener: ConnectionListener): void {
    this.listener = listener;
  }

  /** The client says something, in one piece. */
  says(...messages: readonly Wire[]): void {
    this.saysText(messages.map((message) => JSON.stringify(message) + separator).join(''));
  }

  saysText(text: string): void {
    this.saysBytes(Buffer.from(text));
  }

  saysBytes(bytes: Uint8Array): void {
    this.listener?.onBytes(bytes);
  }

  shakesHands(version = 1): this {
    this.says({ protocol: 'json', version });
    return this;
  }

  goes(error?: Error): void {
    this.listener?.onClosed(error);
  }

  comesBack(): void {
    this.listener?.onReattached();
  }

  /** All text messages so far, the handshake's answer first. */
  get received(): Wire[] {
    const text = this.writes.flat().map(String).join('');
    return text
      .split(separator)
      .slice(0, -1)
      .map((json) => JSON.parse(json) as Wire);
  }

  /** Those of one type. */
  ofType(type: number): Wire[] {
    return this.received.filter((message) => message['type'] === type);
  }

  forget(): void {
    this.writes.length = 0;
  }
}
