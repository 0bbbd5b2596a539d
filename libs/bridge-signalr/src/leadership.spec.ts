import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import type { Claims } from '@ringback/core';
import { RecordingLog } from '@ringback/memory';
import { setTimeout as pass } from 'node:timers/promises';
import { Leadership } from './leadership.js';

const TTL_MS = 300;

/** Claims whose answers stand in a list; after its end all are refused with an error. */
class ScriptedClaims implements Claims {
  asked = 0;

  constructor(private readonly answers: readonly (() => Promise<boolean>)[]) {}

  claim(): Promise<boolean> {
    const answer = this.answers[this.asked++];
    return answer ? answer() : Promise.reject(new Error('The relay is away.'));
  }

  async release(): Promise<void> {}
}

function lead(claims: Claims, listener: { onGained(): void; onLost(): void }): Leadership {
  const options = { name: 'l', nodeId: 'n', ttlMs: TTL_MS, log: new RecordingLog() };
  const leadership = new Leadership(claims, options, { onKept: () => undefined, ...listener });
  leadership.start();
  return leadership;
}

describe('Leadership', () => {
  it('ends with its claim, whenever the claims after it fail', async () => {
    const told: string[] = [];
    const claims = new ScriptedClaims([
      () => Promise.resolve(true),
      // Fails just before the first one runs out; the next is made after.
      () => pass(TTL_MS / 2).then(() => Promise.reject(new Error('The relay is away.'))),
    ]);
    const startedAt = performance.now();
    let lastedMs = 0;
    const leadership = lead(claims, {
      onGained: () => told.push('gained'),
      onLost: () => {
        told.push(`lost before claim ${claims.asked + 1}`);
        lastedMs = performance.now() - startedAt;
      },
    });
    await waitFor(() => claims.asked >= 3 && told.length === 2, 'the third claim');
    await leadership.stop();
    expect(told).toEqual(['gained', 'lost before claim 3']);
    expect(lastedMs).toBeGreaterThan(TTL_MS * 0.9);
  });

  it('is lost to another node that holds the claim, and gained again', async () => {
    const told: string[] = [];
    const answers = [true, true, false, true].map((isOurs) => () => Promise.resolve(isOurs));
    const leadership = lead(new ScriptedClaims(answers), {
      onGained: () => told.push('gained'),
      onLost: () => told.push('lost'),
    });
    await waitFor(() => told.length === 3, 'all of it');
    await leadership.stop();
    await leadership.release();
    expect(told).toEqual(['gained', 'lost', 'gained']);
  });
});
