import type { Settings } from './options.js';

/** A negotiation that no transport has picked up yet. Small on purpose: most of a flood ends here. */
export interface Negotiation {
  readonly connectionId: string;
  readonly statefulReconnect: boolean;
  readonly expiresAtMs: number;
  /** Whether it may be picked up here, once somebody wants to. */
  used?: Promise<boolean>;
}

type Limits = Pick<Settings, 'timers' | 'disconnectTimeoutMs' | 'maxNegotiated'>;

const sweepEveryMs = 1000;

/** The negotiations that wait for a transport, by token, oldest first. Clients that fall back leave some behind: they go quietly. */
export class Negotiations {
  readonly #byToken = new Map<string, Negotiation>();
  readonly #limits: Limits;
  #cancelSweep: (() => void) | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byToken.size;
  }

  /** Beyond the limit the oldest goes: a real client picks up within one round trip, a flood does not. */
  add(token: string, connectionId: string, statefulReconnect: boolean): void {
    const { timers, disconnectTimeoutMs, maxNegotiated } = this.#limits;
    const expiresAtMs = timers.nowMs() + disconnectTimeoutMs;
    this.#byToken.set(token, { connectionId, statefulReconnect, expiresAtMs });
    if (this.#byToken.size > maxNegotiated) this.#dropOldest();
    this.#cancelSweep ??= timers.after(sweepEveryMs, () => this.#sweep());
  }

  find(token: string): Negotiation | undefined {
    const found = this.#byToken.get(token);
    return found && found.expiresAtMs > this.#limits.timers.nowMs() ? found : undefined;
  }

  remove(token: string): void {
    this.#byToken.delete(token);
  }

  clear(): void {
    this.#byToken.clear();
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  #dropOldest(): void {
    for (const token of this.#byToken.keys()) {
      this.#byToken.delete(token);
      return;
    }
  }

  #sweep(): void {
    const { timers } = this.#limits;
    for (const [token, { expiresAtMs }] of this.#byToken) {
      if (expiresAtMs > timers.nowMs()) break;
      this.#byToken.delete(token);
    }
    this.#cancelSweep = this.#byToken.size ? timers.after(sweepEveryMs, () => this.#sweep()) : undefined;
  }
}
