import { describe, expect, it } from '@jest/globals';
import { grantsStatefulReconnect, nodeOf } from './index.js';
import { resigned, TokenCluster } from './testing/token-cluster.js';

const secondMs = 1000;
const plain = { statefulReconnect: false, negotiateVersion: 1 } as const;
const returning = { statefulReconnect: true, negotiateVersion: 1 } as const;

function two() {
  const shared = new TokenCluster();
  return { shared, a: shared.node('node-a'), b: shared.node('node-b') };
}

describe('signedTokens', () => {
  it('issues URL-safe tokens that name their node and what was granted, and ids that tell nothing of them', async () => {
    const { a } = two();
    const { connectionId, connectionToken } = await a.issue(plain);
    expect(connectionId).toMatch(/^[\w-]{22}$/);
    expect(connectionToken).toMatch(/^node-a\.[\w-]{22}\.0[0-9a-z]+\.[\w-]{43}$/);
    expect([nodeOf(connectionToken), grantsStatefulReconnect(connectionToken)]).toEqual(['node-a', false]);
    const granted = (await a.issue(returning)).connectionToken;
    expect([nodeOf(granted), grantsStatefulReconnect(granted)]).toEqual(['node-a', true]);
    expect((await a.issue(plain)).connectionToken).not.toBe(connectionToken);
  });

  it('issues one text for both where the client takes the id for the token', async () => {
    const { a, b } = two();
    const { connectionId, connectionToken } = await a.issue({ ...plain, negotiateVersion: 0 });
    expect(connectionId).toBe(connectionToken);
    expect(await b.adopt(connectionToken)).toEqual({ connectionId, statefulReconnect: false });
  });

  it('opens one connection in the whole cluster, on whichever node', async () => {
    const { shared, a, b } = two();
    const c = shared.node('node-c');
    const { connectionId, connectionToken } = await a.issue(plain);
    expect(await b.adopt(connectionToken)).toEqual({ connectionId, statefulReconnect: false });
    expect([await b.adopt(connectionToken), await c.adopt(connectionToken)]).toEqual([undefined, undefined]);
    expect(await a.use(connectionToken)).toBe(false);
  });

  it('is not adopted once its own node has used it', async () => {
    const { a, b } = two();
    const { connectionToken } = await a.issue(plain);
    expect(await a.use(connectionToken)).toBe(true);
    expect(await b.adopt(connectionToken)).toBeUndefined();
  });

  it('goes to one of the nodes that want it at once', async () => {
    const { shared, a, b } = two();
    const nodes = [b, ...Array.from({ length: 9 }, (_, index) => shared.node(`node-${index}`))];
    const { connectionToken } = await a.issue(plain);
    const wanted = [a.use(connectionToken), ...nodes.map((node) => node.adopt(connectionToken))];
    expect((await Promise.all(wanted)).filter(Boolean)).toHaveLength(1);
  });

  it.each([
    ['of another key', (token: string) => resigned(token, 'another key')],
    ['with another node', (token: string) => token.replace('node-a', 'node-x')],
    ['with another id', (token: string) => token.replace(/\.[\w-]{22}\./, `.${'A'.repeat(22)}.`)],
    ['that lasts longer', (token: string) => token.replace(/\.0[0-9a-z]+\./, '.0zzzzzz.')],
    ['with other flags', (token: string) => token.replace('.0', '.2')],
    ['with another signature', (token: string) => token.slice(0, -43) + 'A'.repeat(43)],
    ['with half a signature', (token: string) => token.slice(0, -20)],
    ['without one', (token: string) => token.slice(0, token.lastIndexOf('.'))],
    ['that is public id only', (token: string) => token.split('.')[1] ?? ''],
    ['of dots', () => '...'],
    ['that is empty', () => ''],
    ['that is long', (token: string) => token.repeat(10_000)],
    ['in other bytes', (token: string) => `${token}\u0000ü`],
  ])('refuses a token %s, and leaves the true one good', async (_what, forge) => {
    const { shared, a, b } = two();
    const { connectionToken } = await a.issue(plain);
    expect(await b.adopt(forge(connectionToken))).toBeUndefined();
    expect([shared.claimed.size, shared.faults]).toEqual([0, []]);
    expect(await b.adopt(connectionToken)).toBeDefined();
  });

  it('refuses a token of another hub', async () => {
    const { shared, a } = two();
    const { connectionToken } = await a.issue(plain);
    expect(await shared.node('node-b', { scope: '/other' }).adopt(connectionToken)).toBeUndefined();
  });

  it('leaves a token that may come back to its own node', async () => {
    const { a, b } = two();
    const { connectionToken } = await a.issue(returning);
    expect(await b.adopt(connectionToken)).toBeUndefined();
    expect(await a.use(connectionToken)).toBe(true);
  });

  it('lasts 15 seconds, and is claimed for longer', async () => {
    const ttls: number[] = [];
    const { shared, a } = two();
    const claim = async (_id: string, ttlMs: number): Promise<boolean> => ttls.push(ttlMs) > 0;
    const b = shared.node('node-b', { claim });
    const [young, old] = [await a.issue(plain), await a.issue(plain)];
    shared.nowMs += 14 * secondMs;
    expect(await b.adopt(young.connectionToken)).toBeDefined();
    shared.nowMs += 2 * secondMs;
    expect(await b.adopt(old.connectionToken)).toBeUndefined();
    expect(ttls).toEqual([30 * secondMs]);
  });

  it('goes by its own record where nobody can tell, but adopts nothing', async () => {
    const { shared, a, b } = two();
    const [first, second] = [await a.issue(plain), await a.issue(plain)];
    await b.issue(plain);
    shared.reachable = false;
    expect(await a.use(first.connectionToken)).toBe(true);
    expect(shared.faults.map(({ message }) => message)).toEqual(['no claims']);
    await expect(b.adopt(second.connectionToken)).rejects.toThrow('no claims');
  });

  it.each(['', 'a.b', 'ü', 'x'.repeat(65)])('refuses the node id %j', (nodeId) => {
    expect(() => new TokenCluster().node(nodeId)).toThrow(RangeError);
  });
});
