import { describe, expect, it } from '@jest/globals';
import { NodeAddressCache } from './node-address-cache.js';

const LATER_MS = 3_000;

describe('NodeAddressCache', () => {
  let nowMs = 0;

  it('goes by the last address while nobody can be asked, and asks again', async () => {
    const stale: string[] = [];
    let answer = (): Promise<string | undefined> => Promise.resolve('http://b:1');
    const addresses = new NodeAddressCache(
      () => answer(),
      (nodeId) => stale.push(nodeId),
      () => nowMs,
    );
    expect(await addresses.get('b')).toBe('http://b:1');
    answer = () => Promise.reject(new Error('away'));
    for (let step = 0; step < 3; step++) {
      nowMs += LATER_MS;
      expect([await addresses.get('b'), await addresses.get('b')]).toEqual(['http://b:1', 'http://b:1']);
    }
    expect(stale).toEqual(['b', 'b', 'b']);
    nowMs += LATER_MS;
    answer = () => Promise.resolve('http://b:2');
    expect(await addresses.get('b')).toBe('http://b:2');
  });

  it('rejects for a node that it has never known or that was gone, each time anew', async () => {
    let answer = (): Promise<string | undefined> => Promise.resolve(undefined);
    const addresses = new NodeAddressCache(
      () => answer(),
      () => undefined,
      () => nowMs,
    );
    expect(await addresses.get('b')).toBeUndefined();
    nowMs += LATER_MS;
    answer = () => Promise.reject(new Error('away'));
    await expect(addresses.get('b')).rejects.toThrow('away');
    await expect(addresses.get('c')).rejects.toThrow('away');
    answer = () => Promise.resolve('http://c:1');
    expect(await addresses.get('c')).toBe('http://c:1');
  });
});
