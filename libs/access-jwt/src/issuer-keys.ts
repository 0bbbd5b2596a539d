import { HubError } from '@ringback/contract';
import type { Clock, Log } from '@ringback/core';
import { fetchText, type FetchLimits } from './fetch-text.js';
import type { KeyHint, KeySource } from './key-source.js';
import { parseKeySet, type PublishedKey } from './key-set.js';
import { PUBLIC_KEY_ALGORITHMS, type TrustedKey } from './trusted-key.js';

/** What the keys of an issuer need. */
export interface IssuerKeysParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Other limits of a request than the product has, for specs. */
  readonly limits?: FetchLimits;
}

/** 256 KiB has room for hundreds of keys. */
const LIMITS: FetchLimits = { timeoutMs: 5_000, maxBytes: 256 * 1_024 };

/** The issuer is asked no more often, whatever tokens name and whether or not it answers. */
export const MIN_REFRESH_MS = 30_000;

/** Keys that are older are fetched again as they are used: so keys that the issuer announces are known before it signs with them. */
export const MAX_AGE_MS = 5 * 60_000;

/** How long a key counts after the issuer has taken it out of its set: issuers do so as they sign with the next one, and tokens of the last one are about for minutes. */
export const OVERLAP_MS = 10 * 60_000;

/** Most tokens that wait for one answer; others are told to come again. */
export const MAX_WAITING = 1_000;

/** A token that does not name its key is tried with no more. */
const MAX_CANDIDATES = 8;

interface KnownKey extends PublishedKey {
  /** When the issuer's set was first seen without it. */
  readonly withdrawnAt?: number;
}

/** The keys that an issuer publishes under a URL. An issuer that is away takes no key away: those that are known stay. */
export class IssuerKeys implements KeySource {
  private known: ReadonlyMap<string, KnownKey> = new Map();
  /** Resolves, and never rejects, when the issuer has answered or has failed to. */
  private fetching: Promise<void> | undefined;
  private waiting = 0;
  private attemptedAt = -Infinity;
  private fetchedAt = -Infinity;
  private isAway = false;

  constructor(
    private readonly url: string,
    private readonly parts: IssuerKeysParts,
  ) {}

  /** Begins to fetch the keys, so that the first token need not wait. */
  start(): void {
    if (this.mayFetch) this.beginFetch();
  }

  async find(hint: KeyHint): Promise<readonly TrustedKey[]> {
    if (!PUBLIC_KEY_ALGORITHMS.has(hint.algorithm)) return [];
    const known = this.candidates(hint);
    if (known.length === 0) {
      await this.fetchFor();
      return this.candidates(hint);
    }
    if (this.now - this.fetchedAt >= MAX_AGE_MS && this.mayFetch) this.beginFetch();
    return known;
  }

  private get now(): number {
    return this.parts.clock.now();
  }

  private get mayFetch(): boolean {
    return !this.fetching && this.now - this.attemptedAt >= MIN_REFRESH_MS;
  }

  private candidates({ algorithm, keyId }: KeyHint): readonly TrustedKey[] {
    const oldest = this.now - OVERLAP_MS;
    const fitting = [...this.known.values()].filter(
      (key) =>
        key.algorithms.includes(algorithm) &&
        (keyId === undefined || key.keyId === keyId) &&
        (key.withdrawnAt ?? Infinity) > oldest,
    );
    return fitting.slice(0, MAX_CANDIDATES);
  }

  /** Resolves once the issuer has answered. Rejects with `issuer-unavailable` if it has not, was asked a moment ago, or if too many wait already. */
  private async fetchFor(): Promise<void> {
    if (this.mayFetch) this.beginFetch();
    if (!this.fetching || this.waiting >= MAX_WAITING) throw new HubError('issuer-unavailable');
    this.waiting++;
    await this.fetching;
    this.waiting--;
    if (this.isAway) throw new HubError('issuer-unavailable');
  }

  private beginFetch(): void {
    this.attemptedAt = this.now;
    this.fetching = fetchText(this.url, this.parts.limits ?? LIMITS)
      .then((text) => this.take(parseKeySet(text)))
      .catch((error: unknown) => this.noteAway(error))
      .finally(() => (this.fetching = undefined));
  }

  private take(published: readonly PublishedKey[]): void {
    const { now } = this;
    const next = new Map<string, KnownKey>(published.map((key) => [key.fingerprint, key]));
    for (const [fingerprint, key] of this.known) {
      const withdrawnAt = key.withdrawnAt ?? now;
      if (!next.has(fingerprint) && now - withdrawnAt < OVERLAP_MS)
        next.set(fingerprint, { ...key, withdrawnAt });
    }
    this.known = next;
    this.fetchedAt = now;
    if (published.length === 0)
      this.parts.log.warn('token issuer publishes no usable key', { url: this.url });
    if (this.isAway) this.parts.log.info('token issuer is back', { url: this.url });
    this.isAway = false;
  }

  /** One line, however long it is away. */
  private noteAway(error: unknown): void {
    if (!this.isAway)
      this.parts.log.warn('token issuer unavailable, known keys stay', { url: this.url, error });
    this.isAway = true;
  }
}
