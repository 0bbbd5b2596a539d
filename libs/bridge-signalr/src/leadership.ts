import type { Claims, Log } from '@ringback/core';
import { pause } from './pause.js';

/** A claim is renewed this many times within its life. */
const RENEWALS = 3;

export interface LeadershipOptions {
  /** What is led. */
  readonly name: string;
  readonly nodeId: string;
  /** How long after its death a leader is still taken for alive. */
  readonly ttlMs: number;
  readonly log: Log;
}

export interface LeadershipListener {
  /** This node leads from now on. */
  onGained(): void;
  /** Still does; called with every renewal. */
  onKept(): void;
  /** It leads no more. */
  onLost(): void;
}

/** Whether this node is the one of its cluster that does something. Of all nodes that try, one leads. */
export class Leadership {
  private readonly aborted = new AbortController();
  private running: Promise<void> | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private isLeader = false;

  constructor(
    private readonly claims: Claims,
    private readonly options: LeadershipOptions,
    private readonly listener: LeadershipListener,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Nothing is claimed any more; what is led stays so until `release`. */
  async stop(): Promise<void> {
    this.aborted.abort();
    await this.running;
  }

  /** Another node may lead at once. */
  async release(): Promise<void> {
    clearTimeout(this.expiry);
    this.isLeader = false;
    const { name, nodeId, log } = this.options;
    try {
      await this.claims.release(name, nodeId);
    } catch (error) {
      log.warn('leadership not released', { name, error }); // it runs out by itself
    }
  }

  private async run(): Promise<void> {
    while (!this.aborted.signal.aborted) {
      await this.claim();
      await pause(this.options.ttlMs / RENEWALS, this.aborted.signal);
    }
  }

  private async claim(): Promise<void> {
    const { name, nodeId, ttlMs, log } = this.options;
    // Counted from before: the answer may have taken long.
    const until = performance.now() + ttlMs;
    try {
      const isOurs = await this.claims.claim(name, nodeId, ttlMs);
      if (this.aborted.signal.aborted) return;
      if (isOurs && performance.now() < until) this.gain(until);
      else this.lose();
    } catch (error) {
      log.warn('leadership not claimed', { name, error }); // it runs out by itself
    }
  }

  private gain(until: number): void {
    // Whatever becomes of the next claims, this one is not outlasted.
    clearTimeout(this.expiry);
    this.expiry = setTimeout(() => this.lose(), until - performance.now());
    this.expiry.unref();
    if (this.isLeader) return this.listener.onKept();
    this.isLeader = true;
    this.listener.onGained();
  }

  private lose(): void {
    clearTimeout(this.expiry);
    if (!this.isLeader) return;
    this.isLeader = false;
    this.listener.onLost();
  }
}
