import type { Hub } from '@ringback/core';
import { BackOff } from './back-off.js';
import { FatalEnvelopes } from './fatal-envelopes.js';
import { OutboundSession, type OutboundOptions } from './outbound-session.js';
import { pause } from './pause.js';
import type { RemoteHub } from './remote-hub.js';

/**
 * Carries local events out, as a named subscriber of the local hub: connected while the remote hub is, so that what it missed meanwhile is kept where
 * everything is kept. Each is acknowledged once the remote hub has taken it.
 */
export class Outbound {
  private session: OutboundSession | undefined;
  private stopped: AbortController | undefined;
  private readonly backOff: BackOff;
  private readonly fatal = new FatalEnvelopes();

  constructor(
    private readonly hub: Hub,
    private readonly remote: RemoteHub,
    private readonly options: Omit<OutboundOptions, 'fatal'>,
  ) {
    this.backOff = new BackOff(options.minDelayMs, options.maxDelayMs);
  }

  /** The remote hub is there. Returns at once. */
  start(): void {
    if (this.stopped || this.options.eventguids.length === 0) return;
    this.stopped = new AbortController();
    this.run(this.stopped.signal).catch((error: unknown) => this.warn(error));
  }

  /** The remote hub is away, or somebody else's. Nothing more is carried out. */
  stop(): void {
    this.stopped?.abort();
    this.stopped = undefined;
    this.session?.end('client');
    this.session = undefined;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.hold(signal);
      } catch (error) {
        this.warn(error);
      }
      await pause(this.backOff.next(), signal);
    }
  }

  /** Resolves when the connection has ended. */
  private async hold(signal: AbortSignal): Promise<void> {
    const identity = await this.hub.authenticate(this.options.credentials);
    if (signal.aborted) return;
    const options = { ...this.options, fatal: this.fatal };
    const session = new OutboundSession(this.hub, this.remote, options, signal);
    this.session = session;
    try {
      await session.open(identity);
      this.backOff.reset();
      await session.ended;
    } finally {
      session.end('client');
    }
  }

  private warn(error: unknown): void {
    this.options.log.warn('bridge not subscribed', { bridge: this.options.name, error });
  }
}
