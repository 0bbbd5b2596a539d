import type { ClientConnection } from '../client-connection.js';
import type { ByteText, HubProtocol, Payload } from '../protocols/hub-protocol.js';
import type { HubMessage } from '../protocols/messages.js';
import type { HubOptions } from './hub-options.js';
import type { Agreement } from './opening-handshake.js';
import { DirectOutgoing, type Outgoing } from './outgoing.js';
import { ReceiveCounter } from './receive-counter.js';
import { ReplayedOutgoing } from './replayed-outgoing.js';
import type { Cancel } from '../timers.js';

const ackIntervalMs = 1000;
const drainCheckMs = 25;

/** Messages to and from one client after the handshake: keep-alive, limits, and with stateful reconnect the numbering. */
export class HubLink {
  readonly protocol: HubProtocol;
  private readonly outgoing: Outgoing;
  private readonly replayed: ReplayedOutgoing | undefined;
  private readonly counter: ReceiveCounter | undefined;
  private readonly timers: Cancel[] = [];
  private acknowledges = true;
  private closed = false;

  constructor(
    private readonly connection: ClientConnection,
    agreement: Agreement,
    private readonly options: HubOptions,
    private readonly onTooSlow: () => void,
  ) {
    const { timers, keepAliveIntervalMs, statefulBufferBytes } = options;
    this.protocol = agreement.protocol;
    if (agreement.stateful) {
      this.counter = new ReceiveCounter();
      this.replayed = new ReplayedOutgoing(connection, this.protocol, statefulBufferBytes);
      this.timers.push(timers.every(ackIntervalMs, () => this.acknowledge()));
    }
    this.outgoing = this.replayed ?? new DirectOutgoing(connection);
    if (connection.needsPings)
      this.timers.push(timers.every(keepAliveIntervalMs, () => this.sendUncounted({ type: 'ping' })));
  }

  /** Bytes that the client is not known to have. */
  get unsentBytes(): number {
    return this.outgoing.unsentBytes;
  }

  /** Throws when the message cannot be written. */
  send(message: HubMessage): Promise<void> | undefined {
    return this.sendPayloads([this.protocol.write(message)]);
  }

  /** Messages that have been written already, one a payload. */
  sendPayloads(payloads: readonly Payload[]): Promise<void> | undefined {
    if (this.closed) return undefined;
    const room = this.outgoing.send(payloads);
    this.checkRoom();
    return room;
  }

  /** Whole messages whose bytes are ready. */
  sendBytes(messages: readonly ByteText[]): void {
    if (this.closed) return;
    this.outgoing.sendBytes(messages);
    this.checkRoom();
  }

  /** Like `send`, and settles only once the client keeps up. */
  sendPaced(message: HubMessage): Promise<void> | undefined {
    const room = this.send(message);
    if (!this.isBehind()) return room;
    return Promise.resolve(room).then(() => this.caughtUp());
  }

  sendUncounted(message: HubMessage): void {
    if (!this.closed) this.outgoing.sendUncounted(this.protocol.write(message));
  }

  /** Whether a message is news that has to be dispatched. Throws when a client with stateful reconnect left something out. */
  accepts(message: HubMessage): boolean {
    if (this.counter !== undefined && !this.counter.accepts(message)) return false;
    if (message.type === 'ack') this.replayed?.acknowledge(message.sequenceId);
    return message.type !== 'ack' && message.type !== 'sequence';
  }

  /** The client is back on another socket; false if it cannot be. */
  reattach(): boolean {
    this.counter?.reattached();
    this.replayed?.replay();
    return this.replayed !== undefined;
  }

  /** Acknowledges nothing: a client that keeps what is not acknowledged soon has no room for more, and waits. */
  pause(): void {
    this.acknowledges = false;
  }

  resume(): void {
    this.acknowledges = true;
  }

  close(): void {
    this.closed = true;
    for (const cancel of this.timers) cancel();
    this.outgoing.close();
  }

  private checkRoom(): void {
    if (this.unsentBytes > this.options.maxOutgoingBytes) this.onTooSlow();
  }

  private acknowledge(): void {
    if (!this.acknowledges) return;
    const sequenceId = this.counter?.takeAck();
    if (sequenceId !== undefined) this.sendUncounted({ type: 'ack', sequenceId });
  }

  private isBehind(): boolean {
    return !this.closed && this.connection.bufferedBytes > this.options.streamPauseBytes;
  }

  // Transports do not tell when they have written: looking now and then costs nothing while clients keep up.
  private caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.isBehind()) this.options.timers.after(drainCheckMs, look);
        else resolve();
      };
      look();
    });
  }
}
