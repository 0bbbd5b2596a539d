import type { FakeConnection, Wire } from './fake-connection.js';
import type { RawProtocol } from './raw-protocols.js';

/** A client past its handshake that speaks one of the protocols in raw frames. */
export class RawClient {
  constructor(
    private readonly connection: FakeConnection,
    private readonly protocol: RawProtocol,
  ) {
    connection.says({ protocol: protocol.name, version: 1 });
    connection.forget();
  }

  get ended(): readonly string[] {
    return this.connection.ended;
  }

  get received(): Wire[] {
    const bytes = this.connection.writes.flat().map((payload) => Buffer.from(payload as string));
    return this.protocol.read(Buffer.concat(bytes));
  }

  says(...messages: readonly Wire[]): void {
    this.saysBytes(Buffer.concat(messages.map((message) => this.protocol.write(message))));
  }

  saysBytes(bytes: Uint8Array): void {
    this.connection.saysBytes(bytes);
  }

  ofType(type: number): Wire[] {
    return this.received.filter((message) => message['type'] === type);
  }
}
