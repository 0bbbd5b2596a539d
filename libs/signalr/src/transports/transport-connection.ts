import type { ConnectionListener, OpeningRequest } from '../client-connection.js';
import type { ByteText, Payload, TransferFormat } from '../protocols/hub-protocol.js';
import { transferFormats } from './negotiate.js';
import type { AcceptedConnection, Settings, TransportName } from './options.js';

/** What a connection is made of, whichever transport carries it. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly opening: OpeningRequest;
  readonly user: unknown;
  readonly settings: Settings;
  /** Called once, when it is over. */
  readonly onGone: () => void;
}

/** What all transports share: who listens, the states, and the limits. */
export abstract class TransportConnection implements AcceptedConnection {
  readonly connectionId: string;
  readonly opening: OpeningRequest;
  abstract readonly transport: TransportName;
  abstract readonly bufferedBytes: number;
  protected readonly settings: Settings;
  protected format: TransferFormat = 'Text';
  readonly #onGone: () => void;
  #user: unknown;
  #state: 'open' | 'closing' | 'gone' = 'open';
  #listener: ConnectionListener | undefined;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #cancelCloseTimeout: (() => void) | undefined;
  #end: { readonly error: Error | undefined } | undefined;

  constructor(facts: ConnectionFacts) {
    this.connectionId = facts.connectionId;
    this.opening = facts.opening;
    this.settings = facts.settings;
    this.#user = facts.user;
    this.#onGone = facts.onGone;
  }

  get transferFormats(): readonly TransferFormat[] {
    return transferFormats[this.transport];
  }

  get needsPings(): boolean {
    return this.transport !== 'LongPolling';
  }

  get statefulReconnect(): boolean {
    return false;
  }

  get user(): unknown {
    return this.#user;
  }

  /** It still takes what the client sends. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isGone(): boolean {
    return this.#state === 'gone';
  }

  disableReconnect(): void {
    // only WebSockets can reconnect
  }

  /** Takes nothing more from the client until `resume`; what has arrived already may still come. */
  abstract pause(): void;
  abstract resume(): void;

  setFormat(format: TransferFormat): void {
    this.format = format;
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    queueMicrotask(() => this.#catchUp());
  }

  send(payloads: readonly Payload[]): void {
    if (this.#takes(payloads)) this.write(payloads);
  }

  sendBytes(messages: readonly ByteText[]): void {
    if (this.#takes(messages)) this.writeBytes(messages);
  }

  close(error?: Error): void {
    if (!this.isOpen) return;
    this.#state = 'closing';
    this.resume(); // or the client's own closing would never be seen
    const { timers, closeTimeoutMs } = this.settings;
    this.#cancelCloseTimeout = timers.after(closeTimeoutMs, () => this.end(error));
    this.finishWriting(error);
  }

  abort(): void {
    this.end();
  }

  /** Inbound bytes, from whatever carries them. */
  receive(bytes: Uint8Array): void {
    if (!this.isOpen || bytes.byteLength === 0) return;
    if (this.#listener && this.#early.length === 0) this.tell((listener) => listener.onBytes(bytes));
    else this.#keepEarly(bytes);
  }

  /** Over, for whatever reason. What is left of the transport is dropped; the listener hears of it after the current call. */
  end(error?: Error): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#cancelCloseTimeout?.();
    this.#end = { error };
    this.#early = [];
    this.resume();
    this.drop();
    this.#onGone();
    queueMicrotask(() => this.#tellEnd());
  }

  /** One write of whole messages. */
  protected abstract write(payloads: readonly Payload[]): void;

  /** The same for messages that are bytes already. */
  protected writeBytes(messages: readonly ByteText[]): void {
    this.write([Buffer.from(messages.join(''), 'latin1')]);
  }

  /** Ends the transport after what was written; calls `end` when that is done. */
  protected abstract finishWriting(error: Error | undefined): void;
  /** Ends the transport at once. */
  protected abstract drop(): void;

  protected endSlow(): void {
    this.end(new Error('The client reads too slowly: too many bytes are waiting for it.'));
  }

  protected refreshUser(user: unknown): void {
    this.#user = user;
  }

  /** A listener that throws is a fault of the server. It costs this connection, nothing else. */
  protected tell(say: (listener: ConnectionListener) => void): void {
    if (!this.#listener) return;
    try {
      say(this.#listener);
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      this.settings.onFault(fault);
      this.end(fault);
    }
  }

  /** Whether there is something to write, and room for it. A client for which too much waits already is given up. */
  #takes(payloads: readonly Payload[]): boolean {
    if (!this.isOpen || payloads.length === 0) return false;
    const waiting = this.bufferedBytes;
    if (waiting === 0) return true;
    const bytes = payloads.reduce((sum, { length }) => sum + length, 0);
    if (waiting + bytes <= this.settings.maxBufferedBytes) return true;
    this.endSlow();
    return false;
  }

  #keepEarly(bytes: Uint8Array): void {
    this.#early.push(bytes);
    this.#earlyBytes += bytes.byteLength;
    if (this.#earlyBytes > this.settings.maxInboundBytes)
      this.end(new Error('Nobody listens to the client.'));
  }

  #catchUp(): void {
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) if (this.isOpen) this.tell((listener) => listener.onBytes(bytes));
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (!this.#listener || !this.#end) return;
    const { error } = this.#end;
    this.#end = undefined;
    this.tell((listener) => listener.onClosed(error));
  }
}
