import { beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { MemoryCluster } from '@ringback/memory';
import { TestHub } from './testing/test-hub.js';

describe('Hub.watchSubscriptions', () => {
  let node: TestHub;
  let seen: string[];

  const watch = () =>
    node.hub.watchSubscriptions({
      onSubscribed: (eventguid, subscriber) => seen.push(`+${eventguid} ${subscriber.slice(0, 2)}`),
      onUnsubscribed: (eventguid, subscriber) => seen.push(`-${eventguid} ${subscriber.slice(0, 2)}`),
    });

  beforeEach(() => {
    node = new TestHub(new MemoryCluster());
    seen = [];
  });

  it('shows what there is, then what begins and ends, and no change of a cookie', async () => {
    const [first, second] = [node.connect(), node.connect()];
    await node.subscribe(first, 'e', '1');
    watch();
    await node.subscribe(second, 'e', '1');
    await node.subscribe(first, 'e', 'other cookie');
    await node.subscribe(first, 'f', '1');
    expect(seen).toEqual(['+e c:', '+e c:', '+f c:']);
    node.disconnect(first);
    await node.unsubscribe(second, 'e');
    expect(seen.slice(3).toSorted()).toEqual(['-e c:', '-e c:', '-f c:']);
  });

  it('shows the end by a one-shot, and the next beginning', async () => {
    watch();
    const client = node.connect();
    await node.subscribe(client, 'e', '1');
    await node.cut('e');
    await waitFor(() => client.frames.length === 1, 'the delivery');
    await node.subscribe(client, 'e', '2');
    expect(seen).toEqual(['+e c:', '-e c:', '+e c:']);
  });

  it('shows a durable subscriber for as long as it is connected', async () => {
    watch();
    const client = node.connectNamed();
    await node.subscribe(client, 'e', '1');
    expect(seen.at(-1)).toBe('+e n:');
    node.disconnect(client);
    expect(seen.at(-1)).toBe('-e n:');
    expect(seen.length % 2).toBe(0);
  });

  it('shows nothing more once it was ended', async () => {
    watch()();
    await node.subscribe(node.connect(), 'e', '1');
    expect(seen).toEqual([]);
  });
});
