import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { MemoryCluster } from '@ringback/memory';
import { TestHub } from './testing/test-hub.js';

function heard({ hub }: TestHub): string[] {
  const changes: string[] = [];
  hub.interest.listen({
    onFirst: (eventguid) => changes.push(`+${eventguid}`),
    onLast: (eventguid) => changes.push(`-${eventguid}`),
  });
  return changes;
}

describe('the local interest', () => {
  it('begins with the first subscription of an event on the node and ends with the last', async () => {
    const node = new TestHub(new MemoryCluster());
    const changes = heard(node);
    const [first, second] = [node.connect(), node.connectNamed()];
    await node.subscribe(first, 'e', '1');
    await node.subscribe(second, 'e', '1');
    await node.subscribe(first, 'e', 'other cookie');
    await node.subscribe(first, 'f', '1');
    expect(changes).toEqual(['+e', '+f']);
    expect([node.hub.interest.eventguids(), node.hub.interest.has('e'), node.hub.interest.has('g')]).toEqual([
      ['e', 'f'],
      true,
      false,
    ]);
    node.disconnect(first);
    expect(changes).toEqual(['+e', '+f', '-f']);
    await node.unsubscribe(second, 'e');
    expect(changes).toEqual(['+e', '+f', '-f', '-e']);
    expect(node.hub.interest.eventguids()).toEqual([]);
  });

  it('ends with a cut, and begins again with the next subscription', async () => {
    const node = new TestHub(new MemoryCluster());
    const changes = heard(node);
    const client = node.connect();
    await node.subscribe(client, 'e', '1');
    await node.cut('e');
    await waitFor(() => client.frames.length === 1, 'the delivery');
    await node.subscribe(client, 'e', '2');
    expect(changes).toEqual(['+e', '-e', '+e']);
  });

  it('takes no notice of bridges, nor of who is told no more', async () => {
    const node = new TestHub(new MemoryCluster());
    const changes: string[] = [];
    const unlisten = node.hub.interest.listen({
      onFirst: (eventguid) => changes.push(eventguid),
      onLast: (eventguid) => changes.push(eventguid),
    });
    const bridge = node.connectNamed('on-connect', 'bridge/there/name');
    await node.subscribe(bridge, 'e', '1');
    await node.unsubscribe(bridge, 'e');
    unlisten();
    await node.subscribe(node.connect(), 'f', '1');
    expect(changes).toEqual([]);
  });
});
