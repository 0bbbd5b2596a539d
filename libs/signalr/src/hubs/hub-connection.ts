import type { ClientConnection, ConnectionListener } from '../client-connection.js';
import type { ByteText, HubProtocol } from '../protocols/hub-protocol.js';
import type { Close, HubMessage } from '../protocols/messages.js';
import type { ScopeHost } from './call-scope.js';
import { ChunkReading } from './chunk-reading.js';
import { ConnectionHooks } from './connection-hooks.js';
import type { ConnectionHost } from './connection-host.js';
import { dispatch } from './dispatch.js';
import { closedWithError } from './hub-errors.js';
import type { InboundFlow, InboundSource } from './inbound-flow.js';
import { Incoming } from './incoming.js';
import { OpenConnection } from './open-connection.js';
import { OpeningHandshake, type Agreement } from './opening-handshake.js';
import type { PreparedMessage } from './prepared-message.js';
import { SharedPause } from './shared-pause.js';

const NOTHING = new Uint8Array(0);

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
  /** When what the client sends is worked on. */
  readonly inbound: InboundFlow;
  private readonly incoming: Incoming;
  private readonly reading: SharedPause;
  private readonly scopes: ScopeHost;
  private readonly hooks: ConnectionHooks;
  private readonly gone = new AbortController();
  private finish: () => void = () => {};
  private open: OpenConnection | undefined;
  private ended = false;

  /** Starts listening at once. */
  constructor(
    readonly transport: ClientConnection,
    private readonly host: ConnectionHost<HubConnection>,
  ) {
    const { hub, options } = host;
    this.connectionId = transport.connectionId;
    this.userId = hub.userId?.(transport);
    this.finished = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.scopes = this.newScopes();
    this.hooks = new ConnectionHooks(this.scopes);
    this.reading = new SharedPause(transport, (paused) => this.incoming.setPaused(paused));
    this.incoming = new Incoming(this.connectionId, this.reading, options, {
      dispatch: (message) => this.dispatch(message),
      onTimeout: (error) => this.fail(error),
    });
    this.handshake = new OpeningHandshake(transport, options, {
      onAgreed: (agreement) => this.agreed(agreement),
      onRefused: () => this.refused(),
    });
    this.inbound = options.inboundFlow(this.source());
    transport.listen(this);
  }

  /** Undefined before the handshake. */
  get protocol(): HubProtocol | undefined {
    return this.open?.link.protocol;
  }

  get signal(): AbortSignal {
    return this.gone.signal;
  }

  /** Bytes that the transport has not passed on yet, or with stateful reconnect: that the client has not acknowledged. */
  get bufferedBytes(): number {
    return this.open?.link.unsentBytes ?? this.transport.bufferedBytes;
  }

  /**
   * Sends what others may be sent as well. Throws when it cannot be written in the client's protocol. What is answered settles when there is
   * room for more; nothing is answered when there is. Does nothing before the handshake and after the end.
   */
  sendPrepared(message: PreparedMessage): Promise<void> | undefined {
    if (this.open === undefined || this.ended) return undefined;
    return this.open.link.sendPayloads([message.payload(this.open.link.protocol)]);
  }

  /**
   * Sends messages in the client's protocol whose bytes are ready, in order and in one write: the cheapest way. With stateful reconnect each
   * counts by itself. Does not wait for room. Does nothing before the handshake and after the end.
   */
  sendBytes(messages: readonly ByteText[]): void {
    if (!this.ended) this.open?.link.sendBytes(messages);
  }

  /** Calls a method of the client; resolves with its result. */
  invoke(target: string, args: readonly unknown[]): Promise<unknown> {
    return this.incoming.results.ask(target, args, (invocation) => this.send(invocation));
  }

  /** Sends the client away: for good, or to come back, maybe to another node. */
  leave(allowReconnect: boolean): void {
    this.end(allowReconnect ? { type: 'close', allowReconnect } : { type: 'close' });
  }

  onBytes(bytes: Uint8Array): void {
    if (this.ended) return;
    this.incoming.heard();
    let chunk: ChunkReading | undefined;
    this.inbound.add(bytes.length, () => {
      if (this.ended) return false;
      try {
        chunk ??= new ChunkReading(this.afterHandshake(bytes));
        this.readNext(chunk);
        return chunk.hasMore;
      } catch (error) {
        this.fail(error);
        return false;
      }
    });
    this.checkWaiting();
  }

  /** What has been received is still dispatched if the client left in peace: it may have sent something and gone. */
  onClosed(error?: Error): void {
    this.handshake.stop();
    this.incoming.stopWaiting();
    if (error !== undefined || this.open === undefined) return this.end(undefined, error);
    this.gone.abort(); // calls that only wait for this would hold up what comes after them
    this.open.link.close();
    this.inbound.finish(() => this.incoming.finish());
  }

  /** In order with what the former socket has brought. */
  onReattached(): void {
    this.inbound.add(0, () => {
      if (this.ended) return false;
      if (this.open?.reattach() === true) this.incoming.heard();
      else this.end(undefined);
      return false;
    });
  }

  /** What of the bytes is not the handshake's. */
  private afterHandshake(bytes: Uint8Array): Uint8Array {
    if (this.open !== undefined) return bytes;
    return this.handshake.read(bytes) ?? NOTHING;
  }

  private readNext(chunk: ChunkReading): void {
    const { open } = this;
    if (!chunk.hasMore || open === undefined) return;
    const message = chunk.take((bytes) => open.read(bytes));
    if (message !== undefined) this.incoming.take(message, chunk.messageBytes);
  }

  private checkWaiting(): void {
    if (this.ended || this.inbound.waitingBytes === 0) return;
    try {
      this.incoming.checkHeld(this.inbound.waitingBytes);
    } catch (error) {
      this.fail(error);
    }
  }

  private source(): InboundSource {
    const { transport, reading } = this;
    return {
      get bufferedBytes() {
        return transport.bufferedBytes;
      },
      get carrier() {
        return transport.carrier;
      },
      pause: () => reading.pause(),
      resume: () => reading.resume(),
    };
  }

  private agreed(agreement: Agreement): void {
    const { transport, host } = this;
    this.open = new OpenConnection(transport, agreement, this.scopes, () => this.tooSlow());
    // A paused transport would hold up acknowledgements too, which senders here may wait for.
    if (agreement.stateful) this.reading.setSource(this.open.link);
    host.options.metrics.connected(transport.transport, agreement.protocol.name);
    host.onOpened(this);
    this.incoming.hold();
    this.hooks.opened(
      () => this.incoming.open(),
      (error) => this.fail(error, false),
    );
  }

  private refused(): void {
    this.host.options.metrics.handshakeFailed(this.transport.transport);
    this.end(undefined);
  }

  private dispatch(message: HubMessage): Promise<void> | undefined {
    const calls = this.open?.calls;
    return calls === undefined || this.ended ? undefined : dispatch(message, calls, () => this.leave(false));
  }

  /** What the other side did wrong, or what went wrong here: it may come back and try again, unless told otherwise. */
  private fail(error: unknown, allowReconnect = true): void {
    const text = closedWithError(error, this.host.options.detailedErrors);
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
    if (close !== undefined) this.open?.link.sendUncounted(close);
    this.gone.abort();
    this.incoming.close();
    this.inbound.close();
    this.open?.close();
    this.transport.close();
    this.host.onEnded(this);
    const { metrics } = this.host.options;
    if (this.open) metrics.disconnected(this.transport.transport, this.open.link.protocol.name);
    this.hooks.gone(error).then(
      () => this.finish(),
      () => this.finish(),
    );
  }

  private newScopes(): ScopeHost {
    const { hub, options } = this.host;
    return {
      hub,
      options,
      signal: this.signal,
      context: (scope) => this.host.context(this, scope),
      onUnboundCall: () => this.inbound.onUnboundCall?.(),
      warn: (message, error) => this.warn(message, error),
    };
  }

  private send(message: HubMessage): void {
    const room = this.open?.link.send(message);
    room?.catch((error: unknown) => this.warn('hub send failed', error));
  }

  private warn(message: string, error: unknown): void {
    this.host.options.log.warn(message, { connectionId: this.connectionId, error });
  }
}
