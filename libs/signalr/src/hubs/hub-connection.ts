import type { ClientConnection, ConnectionListener } from '../client-connection.js';
import type { ByteText, HubProtocol } from '../protocols/hub-protocol.js';
import type { Close, HubMessage } from '../protocols/messages.js';
import type { ScopeHost } from './call-scope.js';
import { ConnectionHooks } from './connection-hooks.js';
import type { ConnectionHost } from './connection-host.js';
import { dispatch } from './dispatch.js';
import { closedWithError } from './hub-errors.js';
import { Incoming } from './incoming.js';
import { OpenConnection } from './open-connection.js';
import { OpeningHandshake, type Agreement } from './opening-handshake.js';
import type { PreparedMessage } from './prepared-message.js';

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
  private readonly incoming: Incoming;
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
    this.incoming = new Incoming(this.connectionId, transport, options, {
      dispatch: (message) => this.dispatch(message),
      onTimeout: (error) => this.fail(error),
    });
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
    try {
      if (this.open === undefined) this.handshake.read(bytes);
      else this.incoming.take(this.open.read(bytes), bytes.length);
    } catch (error) {
      this.fail(error);
    }
  }

  /** What has been received is still dispatched if the client left in peace: it may have sent something and gone. */
  onClosed(error?: Error): void {
    this.handshake.stop();
    this.incoming.stopWaiting();
    if (error !== undefined || this.open === undefined) return this.end(undefined, error);
    this.gone.abort(); // calls that only wait for this would hold up what comes after them
    this.open.link.close();
    this.incoming.finish();
  }

  onReattached(): void {
    if (this.ended) return;
    if (this.open?.reattach() === true) this.incoming.heard();
    else this.end(undefined);
  }

  private agreed(agreement: Agreement, rest: Uint8Array): void {
    const { transport, host } = this;
    this.open = new OpenConnection(transport, agreement, this.scopes, () => this.tooSlow());
    // A paused transport would hold up acknowledgements too, which senders here may wait for.
    if (agreement.stateful) this.incoming.setSource(this.open.link);
    host.options.metrics.connected(transport.transport, agreement.protocol.name);
    host.onOpened(this);
    this.incoming.hold();
    this.hooks.opened(
      () => this.incoming.open(),
      (error) => this.fail(error, false),
    );
    if (rest.length > 0) this.onBytes(rest);
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
