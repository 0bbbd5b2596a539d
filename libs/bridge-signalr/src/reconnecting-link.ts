import {
  HubConnectionBuilder,
  HubConnectionState,
  LogLevel,
  type HubConnection,
  type IHubProtocol,
} from '@microsoft/signalr';
import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { BackOff } from './back-off.js';
import { pause } from './pause.js';
import { remoteError } from './remote-error.js';
import { shownUrl } from './shown-url.js';

/** How long a connection may take to say goodbye. */
const STOP_MS = 1_000;

/** How a link finds its remote hub and comes back to it. */
export interface LinkOptions {
  /** Asked anew at every connect. */
  readonly accessToken?: () => string | Promise<string>;
  readonly log: Log;
  /** The first pause before connecting again; it doubles with each failure. Default: 500. */
  readonly minDelayMs?: number;
  /** Default: 30,000. */
  readonly maxDelayMs?: number;
  /** After so long without a word the remote hub counts as gone; also how long connecting and the answer to a call may take. Default: 30,000. */
  readonly serverTimeoutMs?: number;
}

/** What is done with a link. */
export interface LinkUse {
  readonly url: string;
  readonly protocol?: IHubProtocol;
  /** What the remote hub may call. */
  readonly handlers: Readonly<Record<string, (...args: readonly unknown[]) => void>>;
  /** A new connection is about to be opened; the one before, if any, has ended. */
  onConnecting?(): void;
  /** The link is open; when this has resolved, it counts as connected. What it rejects with ends the link, which is then opened anew. */
  onOpen(): Promise<void>;
  onState(connected: boolean): void;
}

/** One outgoing SignalR connection that comes back for ever, as a new one each time. */
export class ReconnectingLink {
  private readonly aborted = new AbortController();
  private readonly backOff: BackOff;
  private readonly serverTimeoutMs: number;
  private current: HubConnection | undefined;
  private isReady = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly use: LinkUse,
    private readonly options: LinkOptions,
  ) {
    const { minDelayMs = 500, maxDelayMs = 30_000, serverTimeoutMs = 30_000 } = options;
    this.backOff = new BackOff(minDelayMs, maxDelayMs);
    this.serverTimeoutMs = serverTimeoutMs;
  }

  get connected(): boolean {
    return this.isReady;
  }

  /** Whether calls go through, although it may not count as connected yet. */
  get open(): boolean {
    return this.current?.state === HubConnectionState.Connected;
  }

  get closed(): boolean {
    return this.aborted.signal.aborted;
  }

  /** Begins to connect; returns at once. */
  start(): void {
    this.running ??= this.run();
  }

  /** Once it resolves, the link is closed for good. */
  async close(): Promise<void> {
    this.aborted.abort();
    if (this.current) await stop(this.current);
    await this.running;
  }

  /** Ends the present connection; a new one follows after a pause. */
  reset(): void {
    if (!this.current) return;
    stop(this.current).catch((error: unknown) => this.log('link not stopped', error));
  }

  /**
   * Resolves to the answer. Rejects with a coded error: `closed` where the link is not open or is lost meanwhile. No answer within `serverTimeoutMs` ends
   * the link.
   */
  async invoke(method: string, ...args: unknown[]): Promise<unknown> {
    const connection = this.current;
    if (connection?.state !== HubConnectionState.Connected) throw new HubError('closed');
    const late = setTimeout(() => this.giveUp(connection, method), this.serverTimeoutMs);
    late.unref();
    try {
      return await connection.invoke(method, ...args);
    } catch (error) {
      throw remoteError(error, connection.state === HubConnectionState.Connected);
    } finally {
      clearTimeout(late);
    }
  }

  /** One that is alive and does not answer would be waited for without end, and all that comes behind it. */
  private giveUp(connection: HubConnection, method: string): void {
    this.options.log.warn('remote hub does not answer', { url: shownUrl(this.use.url), method });
    stop(connection).catch((error: unknown) => this.log('link not stopped', error));
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      try {
        await this.hold();
      } catch (error) {
        this.log('remote hub not reached', error);
      }
      await pause(this.backOff.next(), this.aborted.signal);
    }
  }

  /** Opens one connection and resolves when it has ended. */
  private async hold(): Promise<void> {
    const connection = this.build();
    const ended = new Promise<Error | undefined>((resolve) => connection.onclose(resolve));
    this.current = connection;
    this.use.onConnecting?.();
    try {
      await this.connect(connection);
      await this.use.onOpen();
      this.setReady(connection.state === HubConnectionState.Connected);
      const reason = await ended;
      if (!this.closed) this.log('remote hub lost', reason);
    } finally {
      this.setReady(false);
      await stop(connection);
    }
  }

  /** A peer that takes the connection and says nothing is given up: the client itself would wait for minutes. */
  private async connect(connection: HubConnection): Promise<void> {
    const waiting = new AbortController();
    const given = AbortSignal.any([waiting.signal, this.aborted.signal]);
    const late = pause(this.serverTimeoutMs, given).then(() => {
      throw new HubError('timeout', 'The remote hub does not answer.');
    });
    const started = connection.start();
    try {
      await Promise.race([started, late]);
    } catch (error) {
      // It may still come to be open.
      started.then(() => stop(connection)).catch(() => 'told by hold');
      throw error;
    } finally {
      late.catch(() => 'over');
      waiting.abort();
    }
  }

  private build(): HubConnection {
    const { url, protocol, handlers } = this.use;
    const { accessToken } = this.options;
    const builder = new HubConnectionBuilder()
      .withUrl(url, {
        timeout: this.serverTimeoutMs,
        ...(accessToken && { accessTokenFactory: accessToken }),
      })
      .withServerTimeout(this.serverTimeoutMs)
      .withKeepAliveInterval(this.serverTimeoutMs / 2)
      // Its own lines may hold what is nobody's business.
      .configureLogging(LogLevel.None);
    if (protocol) builder.withHubProtocol(protocol);
    const connection = builder.build();
    for (const [name, handler] of Object.entries(handlers)) connection.on(name, handler);
    return connection;
  }

  private setReady(ready: boolean): void {
    if (this.isReady === ready) return;
    this.isReady = ready;
    if (ready) this.backOff.reset();
    this.use.onState(ready);
  }

  private log(message: string, error: unknown): void {
    this.options.log.warn(message, { url: shownUrl(this.use.url), error });
  }
}

/** One that is just connecting cannot be stopped until it has: nobody waits for that. */
async function stop(connection: HubConnection): Promise<void> {
  const never = new AbortController();
  await Promise.race([connection.stop().catch(() => 'it is over'), pause(STOP_MS, never.signal)]);
}
