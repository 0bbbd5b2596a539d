import type { ClientConnection, ConnectionListener } from '../client-connection.js';
import { ProtocolError, type HubProtocol, type MessageReader } from '../protocols/hub-protocol.js';
import type { Close, HubMessage } from '../protocols/messages.js';
import { ClientResults } from './client-results.js';
import { dispatch } from './dispatch.js';
import { FlowControl } from './flow-control.js';
import { HubCalls } from './hub-calls.js';
import type { HubContext } from './hub-context.js';
import type { Hub } from './hub-definition.js';
import { clientTimedOut, errorTexts, InvalidDataException, withDetails } from './hub-errors.js';
import { HubLink } from './hub-link.js';
import type { HubOptions } from './hub-options.js';
import { Inbox } from './inbox.js';
import type { Slot } from './invocation-slots.js';
import { ClientTimeout } from './keep-alive.js';
import { OpeningHandshake, type Agreement } from './opening-handshake.js';
import type { PreparedMessage } from './prepared-message.js';

/** What one call, or one hook, may do beyond others. */
export interface CallScope {
  readonly signal: AbortSignal;
  readonly slot?: Slot | undefined;
  /** Asking clients for results is refused while the connection opens: its answers are not read yet. */
  readonly mayInvoke: boolean;
}

/** What a connection needs of its hub. */
export interface ConnectionHost {
  readonly hub: Hub;
  readonly options: HubOptions;
  context(connection: HubConnection, scope: CallScope): HubContext;
  /** From now on it is sent what the hub sends. */
  onOpened(connection: HubConnection): void;
  /** It has nothing more to send or to receive. */
  onEnded(connection: HubConnection): void;
}

interface Open {
  readonly link: HubLink;
  readonly calls: HubCalls;
  reader: MessageReader;
}

/** One client of one hub, from its handshake to its end. */
export class HubConnection implements ConnectionListener {
  readonly connectionId: string;
  readonly userId: string | undefined;
  /** Whatever the hub wants to remember about it. */
  readonly items = new Map<string, unknown>();
  /** The groups that it is in. Kept by the hub. */
  readonly groups = new Set<string>();
  /** Settles once the hub's hooks are through with it. */
  readonly finished: Promise<void>;
  private readonly handshake: OpeningHandshake;
  private readonly inbox: Inbox;
  private flow: FlowControl;
  private readonly timeout: ClientTimeout;
  private readonly results: ClientResults;
  private readonly gone = new AbortController();
  private finish: () => void = () => {};
  private opening: Promise<boolean> = Promise.resolve(false);
  private open: Open | undefined;
  private ended = false;

  /** Starts listening at once. */
  constructor(
    readonly transport: ClientConnection,
    private readonly host: ConnectionHost,
  ) {
    const { hub, options } = host;
    this.connectionId = transport.connectionId;
    this.userId = hub.userId?.(transport);
    this.finished = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.flow = new FlowControl(transport);
    this.inbox = new Inbox({
      dispatch: (message) => this.dispatch(message),
      onHeld: (held) => (held ? this.timeout.pause() : this.timeout.resume()),
      onTaken: () => this.flow.update(this.inbox.heldBytes),
    });
    this.timeout = new ClientTimeout(options.timers, options.clientTimeoutMs, () =>
      this.fail(clientTimedOut()),
    );
    const { timers, clientResultTimeoutMs, maxOpenCalls } = options;
    this.results = new ClientResults(this.connectionId, timers, clientResultTimeoutMs, maxOpenCalls);
    this.handshake = new OpeningHandshake(transport, options, {
      onAgreed: (agreement, rest) => this.agreed(agreement, rest),
      onRefused: () => this.refused(),
    });
    transport.listen(this);
  }

  /** Undefined before the handshake. */
  get protocol(): HubProtocol | undefined {
    return this.open?.link.protocol;
  }

  get signal(): AbortSignal {
    return this.gone.signal;
  }

  /** Bytes that the transport has not passed on yet. */
  get bufferedBytes(): number {
    return this.transport.bufferedBytes;
  }

  /**
   * Sends what others may be sent as well. Throws when it cannot be written in the client's protocol. What is answered settles when there is
   * room for more; nothing is answered when there is. Does nothing before the handshake and after the end.
   */
  sendPrepared(message: PreparedMessage): Promise<void> | undefined {
    if (this.open === undefined || this.ended) return undefined;
    return this.open.link.sendPayload(message.payload(this.open.link.protocol));
  }

  /** Calls a method of the client; resolves with its result. */
  invoke(target: string, args: readonly unknown[]): Promise<unknown> {
    return this.results.ask(target, args, (invocation) => this.send(invocation));
  }

  /** Sends the client away: for good, or to come back, maybe to another node. */
  leave(allowReconnect: boolean): void {
    this.end(allowReconnect ? { type: 'close', allowReconnect } : { type: 'close' });
  }

  onBytes(bytes: Uint8Array): void {
    if (this.ended) return;
    try {
      if (this.open === undefined) this.handshake.read(bytes);
      else this.receive(this.open, bytes);
    } catch (error) {
      this.fail(error);
    }
  }

  /** What has been received is still dispatched if the client left in peace: it may have sent something and gone. */
  onClosed(error?: Error): void {
    this.handshake.stop();
    this.timeout.stop();
    this.results.close();
    if (error !== undefined || this.open === undefined) return this.end(undefined, error);
    this.gone.abort(); // calls that only wait for this would hold up what comes after them
    this.open.link.close();
    this.inbox.add({ type: 'close' }, 0);
  }

  onReattached(): void {
    const { open } = this;
    if (this.ended) return;
    if (open === undefined || !open.link.reattach()) return this.end(undefined);
    open.reader = this.newReader(open.link.protocol); // the rest of a message cut in two is lost with its socket
    this.timeout.heard();
  }

  private agreed(agreement: Agreement, rest: Uint8Array): void {
    const { host } = this;
    const link = new HubLink(this.transport, agreement, host.options, () => this.tooSlow());
    const { protocol } = agreement;
    // A paused transport would hold up acknowledgements too, which senders here may wait for.
    if (agreement.stateful) this.flow = new FlowControl(link);
    this.open = { link, calls: this.newCalls(link), reader: this.newReader(protocol) };
    host.options.metrics.connected(this.transport.transport, protocol.name);
    host.onOpened(this);
    this.timeout.pause();
    this.opening = this.connect();
    if (rest.length > 0) this.onBytes(rest);
  }

  private refused(): void {
    this.host.options.metrics.handshakeFailed(this.transport.transport);
    this.end(undefined);
  }

  /** True when the hub's hook let the client in. */
  private async connect(): Promise<boolean> {
    const { hub } = this.host;
    try {
      if (hub.onConnected) await hub.onConnected(this.context({ signal: this.signal, mayInvoke: false }));
      this.timeout.resume();
      this.inbox.open();
      return true;
    } catch (error) {
      this.warn('hub connect hook failed', error);
      this.fail(error, false);
      return false;
    }
  }

  private receive(open: Open, bytes: Uint8Array): void {
    const messages = open.reader.read(bytes).filter((message) => open.link.accepts(message));
    this.timeout.heard();
    for (const message of messages) this.take(message, bytes.length / messages.length);
    if (this.ended) return;
    this.flow.update(this.inbox.heldBytes);
    if (this.inbox.heldBytes > this.host.options.maxHeldBytes) {
      this.fail(new InvalidDataException('The client sends more than its calls take in.'));
    }
  }

  /** Pings and answers are never held up: what holds up the others may wait for them. */
  private take(message: HubMessage, bytes: number): void {
    if (message.type === 'ping') this.timeout.arm();
    else if (message.type === 'completion' && this.results.has(message.invocationId))
      this.results.complete(message);
    else this.inbox.add(message, bytes);
  }

  private dispatch(message: HubMessage): Promise<void> | undefined {
    const calls = this.open?.calls;
    return calls === undefined || this.ended ? undefined : dispatch(message, calls, () => this.leave(false));
  }

  /** What the other side did wrong, or what went wrong here: it may come back and try again, unless told otherwise. */
  private fail(error: unknown, allowReconnect = true): void {
    const known = error instanceof ProtocolError ? new InvalidDataException(error.message) : error;
    const text = withDetails(errorTexts.closed, known, this.host.options.detailedErrors);
    const failure = error instanceof Error ? error : new Error(String(error));
    this.end({ type: 'close', error: text, ...(allowReconnect && { allowReconnect }) }, failure);
  }

  private tooSlow(): void {
    if (this.ended) return;
    this.end(undefined, new Error('The client reads too slowly.'));
    this.transport.abort();
  }

  private end(close: Close | undefined, error?: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.handshake.stop();
    this.timeout.stop();
    if (close !== undefined) this.open?.link.sendUncounted(close);
    this.gone.abort();
    this.inbox.close();
    this.results.close();
    this.open?.calls.close();
    this.open?.link.close();
    this.transport.close();
    this.host.onEnded(this);
    this.disconnect(error).then(
      () => this.finish(),
      () => this.finish(),
    );
  }

  private async disconnect(error?: Error): Promise<void> {
    const { hub, options } = this.host;
    const protocol = this.protocol;
    if (protocol !== undefined) options.metrics.disconnected(this.transport.transport, protocol.name);
    if (!(await this.opening) || hub.onDisconnected === undefined) return;
    try {
      await hub.onDisconnected(this.context({ signal: this.signal, mayInvoke: true }), error);
    } catch (failure) {
      this.warn('hub disconnect hook failed', failure);
    }
  }

  private newCalls(link: HubLink): HubCalls {
    const { hub, options } = this.host;
    return new HubCalls({
      hub,
      options,
      protocol: link.protocol,
      signal: this.signal,
      send: (message) => link.send(message),
      sendPaced: (message) => link.sendPaced(message),
      context: (signal, slot) => this.context({ signal, slot, mayInvoke: true }),
      warn: (message, error) => this.warn(message, error),
    });
  }

  private newReader(protocol: HubProtocol): MessageReader {
    return protocol.reader(this.host.options.maxMessageBytes);
  }

  private context(scope: CallScope): HubContext {
    return this.host.context(this, scope);
  }

  private send(message: HubMessage): void {
    const room = this.open?.link.send(message);
    room?.catch((error: unknown) => this.warn('hub send failed', error));
  }

  private warn(message: string, error: unknown): void {
    this.host.options.log.warn(message, { connectionId: this.connectionId, error });
  }
}
