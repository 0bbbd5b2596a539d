import type { ClientConnection } from '../client-connection.js';
import type { MessageReader } from '../protocols/hub-protocol.js';
import type { HubMessage } from '../protocols/messages.js';
import type { ScopeHost } from './call-scope.js';
import { HubCalls } from './hub-calls.js';
import { HubLink } from './hub-link.js';
import type { Agreement } from './opening-handshake.js';

/** What a connection has once its protocol is agreed upon: its messages out and in, and the calls of its client. */
export class OpenConnection {
  readonly link: HubLink;
  readonly calls: HubCalls;
  private reader: MessageReader;

  constructor(
    transport: ClientConnection,
    agreement: Agreement,
    private readonly host: ScopeHost,
    onTooSlow: () => void,
  ) {
    this.link = new HubLink(transport, agreement, host.options, onTooSlow);
    this.calls = this.newCalls();
    this.reader = this.newReader();
  }

  /** The messages that are whole now, but for those that have come before. Throws on what is none. */
  read(bytes: Uint8Array): readonly HubMessage[] {
    return this.reader.read(bytes).filter((message) => this.link.accepts(message));
  }

  /** The client is back on another socket; false if it cannot be. */
  reattach(): boolean {
    this.reader = this.newReader(); // the rest of a message cut in two is lost with its socket
    return this.link.reattach();
  }

  close(): void {
    this.calls.close();
    this.link.close();
  }

  private newReader(): MessageReader {
    return this.link.protocol.reader(this.host.options.maxMessageBytes);
  }

  private newCalls(): HubCalls {
    const { link, host } = this;
    return new HubCalls({
      ...host,
      protocol: link.protocol,
      send: (message) => link.send(message),
      sendPaced: (message) => link.sendPaced(message),
      context: (scope) => host.context({ ...scope, mayInvoke: true }),
    });
  }
}
