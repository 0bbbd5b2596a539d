import { describe, expect, it } from '@jest/globals';
import { parseEventGuid } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import type { Identity } from './ports/access-policy.port.js';
import { TestHub } from './testing/test-hub.js';

const eventguid = parseEventGuid('e');

describe('an idempotency key', () => {
  const [a, b] = [new MemoryCluster()].flatMap((cluster) => [new TestHub(cluster), new TestHub(cluster)]);

  const offsetOf = async (node: TestHub | undefined, identity: Identity, key?: string) => {
    const trigger = { eventguid, data: 'd', removeAfterSend: false, ...(key !== undefined && { key }) };
    return (await node?.hub.trigger(identity, trigger))?.position.offset;
  };

  it('is answered again to whoever used it, on every node', async () => {
    const first = await offsetOf(a, { name: 'ann' }, 'key');
    expect(await offsetOf(a, { name: 'ann' }, 'key')).toBe(first);
    expect(await offsetOf(b, { name: 'ann' }, 'key')).toBe(first);
    expect(await offsetOf(b, { name: 'ann' })).not.toBe(first);
  });

  it('of a stranger answers nobody else, however names and keys are put together', async () => {
    const strangers: readonly (readonly [name: string, key: string])[] = [
      ['ann', 'key 2'],
      ['ann key', '2'],
      ['ann ', 'key 2'],
      ['', 'ann key 2'],
      ['3 ann', 'key 2'],
      ['bridge', 'key 2'],
      ['', '3 ann key 2'],
    ];
    const offsets = new Set<number | undefined>();
    for (const [name, key] of strangers) offsets.add(await offsetOf(a, { name }, key));
    expect(offsets.size).toBe(strangers.length);
  });

  it('is shared by bridges, whatever they are called, and guessed by nobody else', async () => {
    const origin = 'cluster/e:1';
    const guesses = [origin, `bridge ${origin}`, `7 bridges ${origin}`];
    const guessed = await Promise.all(guesses.map((key) => offsetOf(a, { name: 'mallory' }, key)));
    const carried = await offsetOf(a, { name: 'bridges', unmetered: true }, origin);
    expect(guessed).not.toContain(carried);
    expect(await offsetOf(b, { name: 'far-hub', unmetered: true }, origin)).toBe(carried);
    expect(await offsetOf(b, { name: 'bridges' }, origin)).not.toBe(carried);
  });
});
