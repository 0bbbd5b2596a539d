import type { HubMessage } from '../protocols/messages.js';
import { ClientResults } from './client-results.js';
import { FlowControl } from './flow-control.js';
import { clientTimedOut, InvalidDataException } from './hub-errors.js';
import type { HubOptions } from './hub-options.js';
import { Inbox } from './inbox.js';
import { ClientTimeout } from './keep-alive.js';

/** What the incoming side of a connection needs of its owner. */
export interface IncomingOwner {
  /** Takes one message. What is answered holds up the next one until it settles; it must not reject. */
  dispatch(message: HubMessage): Promise<void> | undefined;
  /** The client has been silent for too long. */
  onTimeout(error: Error): void;
}

/** What one client sends, until it is dispatched: in a bounded line, which its answers and pings pass by. */
export class Incoming {
  /** What the client has been asked. */
  readonly results: ClientResults;
  private readonly inbox: Inbox;
  private readonly timeout: ClientTimeout;
  private readonly flow: FlowControl;

  /** Holds everything until it is opened. `source` is paused while much waits, if it can be. */
  constructor(
    connectionId: string,
    source: object,
    private readonly options: HubOptions,
    owner: IncomingOwner,
  ) {
    const { timers, clientTimeoutMs, clientResultTimeoutMs, maxOpenCalls } = options;
    this.flow = new FlowControl(source);
    this.results = new ClientResults(connectionId, timers, clientResultTimeoutMs, maxOpenCalls);
    this.timeout = new ClientTimeout(timers, clientTimeoutMs, () => owner.onTimeout(clientTimedOut()));
    this.inbox = new Inbox({
      dispatch: (message) => owner.dispatch(message),
      onHeld: (held) => (held ? this.timeout.pause() : this.timeout.resume()),
      onTaken: () => this.flow.update(this.inbox.heldBytes),
    });
  }

  /** The client is kept from sending, or is not any more: its silence does not count meanwhile. */
  setPaused(paused: boolean): void {
    if (paused) this.timeout.pause();
    else this.timeout.resume();
  }

  /** The hub has not let the client in yet: its silence does not count. */
  hold(): void {
    this.timeout.pause();
  }

  open(): void {
    this.timeout.resume();
    this.inbox.open();
  }

  /** Something has come, if no message. */
  heard(): void {
    this.timeout.heard();
  }

  /** Throws when more waits than may. */
  take(message: HubMessage, bytes: number): void {
    this.takeOne(message, bytes);
    this.flow.update(this.inbox.heldBytes);
    this.checkHeld(0);
  }

  /** Throws when more waits than may, with what waits elsewhere. */
  checkHeld(otherBytes: number): void {
    if (this.inbox.heldBytes + otherBytes > this.options.maxHeldBytes) {
      throw new InvalidDataException('The client sends more than its calls take in.');
    }
  }

  /** No more comes: once what has come is dispatched, the client has left. */
  finish(): void {
    this.inbox.add({ type: 'close' }, 0);
  }

  /** Nothing more is heard, and what has been asked is not answered. */
  stopWaiting(): void {
    this.timeout.stop();
    this.results.close();
  }

  close(): void {
    this.stopWaiting();
    this.inbox.close();
  }

  /** Pings and answers are never held up: what holds up the others may wait for them. */
  private takeOne(message: HubMessage, bytes: number): void {
    if (message.type === 'ping') this.timeout.arm();
    else if (message.type === 'completion' && this.results.has(message.invocationId))
      this.results.complete(message);
    else this.inbox.add(message, bytes);
  }
}
