import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { resigned, TokenCluster } from './testing/token-cluster.js';

const secondMs = 1000;
const plain = { statefulReconnect: false, negotiateVersion: 1 } as const;

function two() {
  const shared = new TokenCluster();
  return { shared, a: shared.node('node-a'), b: shared.node('node-b') };
}

describe('the key of signedTokens', () => {
  it('is read once for many tokens', async () => {
    const { shared, a } = two();
    await Promise.all(Array.from({ length: 100 }, () => a.issue(plain)));
    await a.issue(plain);
    expect(shared.reads).toBe(1);
  });

  it('is read again before a signature is refused, so that one that was lost costs nothing', async () => {
    const { shared, a, b } = two();
    await b.issue(plain);
    shared.key = randomBytes(32);
    shared.nowMs += 2 * secondMs;
    const { connectionToken } = await a.issue(plain);
    expect(await b.adopt(connectionToken)).toBeDefined();
  });

  it('is read again after the clock was set back', async () => {
    const { shared, a, b } = two();
    await b.issue(plain);
    shared.key = randomBytes(32);
    shared.nowMs -= 3600 * secondMs;
    const { connectionToken } = await a.issue(plain);
    expect(await b.adopt(connectionToken)).toBeDefined();
  });

  it('leaves tokens good that were signed with the one before', async () => {
    const { shared, a, b } = two();
    const { connectionToken } = await a.issue(plain);
    await b.issue(plain);
    shared.key = randomBytes(32);
    shared.nowMs += 2 * secondMs;
    const late = await shared.node('node-c').issue(plain);
    expect(await b.adopt(late.connectionToken)).toBeDefined();
    expect(await b.adopt(connectionToken)).toBeDefined();
  });

  it('is asked for once a second at most, however many forged tokens come', async () => {
    const { shared, a, b } = two();
    const { connectionToken } = await a.issue(plain);
    const before = shared.reads;
    for (let second = 0; second < 3; second++) {
      await Promise.all(Array.from({ length: 50 }, () => b.adopt(resigned(connectionToken, 'forged'))));
      shared.nowMs += secondMs;
    }
    expect(shared.reads - before).toBeLessThanOrEqual(4);
  });

  it('is asked for now and then by a node that refuses nobody', async () => {
    const { shared, a } = two();
    await a.issue(plain);
    shared.key = randomBytes(32);
    shared.nowMs += 31 * secondMs;
    await a.issue(plain);
    const { connectionToken } = await a.issue(plain);
    expect(await shared.node('node-new').adopt(connectionToken)).toBeDefined();
    expect(shared.reads).toBe(3);
  });

  it('stays in use while it cannot be read again', async () => {
    const { shared, a } = two();
    await a.issue(plain);
    shared.reachable = false;
    shared.nowMs += 31 * secondMs;
    await a.issue(plain);
    expect(await a.issue(plain)).toMatchObject({ connectionToken: expect.stringMatching(/^node-a/) });
    expect(shared.faults.map(({ message }) => message)).toEqual(['no key']);
  });

  it('is a reason to issue none as long as it was never read', async () => {
    const { shared, a } = two();
    shared.reachable = false;
    await expect(a.issue(plain)).rejects.toThrow('no key');
    shared.reachable = true;
    expect(await a.issue(plain)).toBeDefined();
  });
});
