import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Position } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FakeClock, MemoryCluster } from '@ringback/memory';
import type { RecordingConnection } from './testing/recording-connection.js';
import { TestHub } from './testing/test-hub.js';

const guid = parseEventGuid('e');
const subscriber = 'n:anyone/s';

describe('Hub.acknowledge', () => {
  let cluster: MemoryCluster;
  let clock: FakeClock;
  let node: TestHub;
  let connection: RecordingConnection;
  let epoch: string;

  const acknowledged = async (): Promise<Position | undefined> =>
    (await cluster.node().sessions.find(subscriber))?.events[0]?.acknowledged;

  const delivered = async (count: number): Promise<void> => {
    await waitFor(() => {
      clock.turn();
      return connection.frames.length === count;
    });
  };

  const acknowledge = (offset: number) => node.acknowledge(connection, 'e', { epoch, offset });

  beforeEach(async () => {
    cluster = new MemoryCluster();
    clock = new FakeClock();
    node = new TestHub(cluster, { ports: { clock } });
    connection = node.connectNamed();
    ({
      position: { epoch },
    } = await node.subscribe(connection, 'e', 'c'));
  });

  it('resolves at once, and is stored within 250 ms', async () => {
    await node.trigger('e', '1');
    await delivered(1);
    await acknowledge(1);
    expect(await acknowledged()).toBeUndefined();
    clock.advance(250);
    await waitFor(acknowledged);
    expect(await acknowledged()).toEqual({ epoch, offset: 1 });
  });

  it('is refused for what was not delivered', async () => {
    await node.trigger('e', '1');
    await delivered(1);
    await expect(acknowledge(2)).rejects.toMatchObject({ code: 'bad-request' });
    await acknowledge(1);
  });

  it('is refused for what comes after a one-shot that is all that is left of the event', async () => {
    await node.cut('e');
    await node.trigger('e', '2');
    await delivered(1);
    await expect(acknowledge(2)).rejects.toMatchObject({ code: 'bad-request' });
    await acknowledge(1);
  });

  it('is refused for what is still to be delivered before a newer subscription', async () => {
    node.disconnect(connection);
    await waitFor(async () => (await cluster.node().sessions.find(subscriber))?.expiresAt);
    for (const data of ['1', '2']) await node.trigger('e', data);
    await node.cut('e', '3');
    connection = node.connectNamed('on-subscribe');
    connection.bufferedBytes = 500_000; // nothing of what it missed goes out
    await node.subscribe(connection, 'e', 'new');
    await expect(acknowledge(3)).rejects.toMatchObject({ code: 'bad-request' });
    connection.bufferedBytes = 0;
    await waitFor(() => {
      clock.advance(5);
      clock.turn();
      return connection.frames.length === 3;
    });
    await acknowledge(3);
  });

  it('is refused from who is not named, for what is not held, and after the end', async () => {
    const plain = node.connect();
    await node.subscribe(plain, 'e', 'c');
    await expect(node.acknowledge(plain, 'e', { epoch, offset: 0 })).rejects.toMatchObject({
      code: 'bad-request',
    });
    await expect(node.acknowledge(connection, 'other', { epoch, offset: 0 })).rejects.toMatchObject({
      code: 'not-found',
    });
    const acknowledging = acknowledge(0);
    node.disconnect(connection);
    await expect(acknowledging).rejects.toMatchObject({ code: 'closed' });
    await expect(acknowledge(0)).rejects.toMatchObject({ code: 'closed' });
  });

  it('of what an earlier connection delivered counts before the event is resumed', async () => {
    await node.trigger('e', '1');
    await node.trigger('e', '2');
    await delivered(2);
    node.disconnect(connection);
    await waitFor(async () => (await cluster.node().sessions.find(subscriber))?.expiresAt);
    connection = node.connectNamed('on-subscribe');
    await acknowledge(1);
    clock.advance(250);
    await waitFor(acknowledged);
    expect(await node.subscribe(connection, 'e', 'c')).toMatchObject({ resumed: { offset: 1 } });
    await delivered(1);
    expect(connection.frames).toEqual(['2:2→c']);
  });

  it('is stored when the connection ends before that', async () => {
    await node.trigger('e', '1');
    await delivered(1);
    await acknowledge(1);
    node.disconnect(connection);
    await waitFor(acknowledged);
    expect(await cluster.node().subscriptions.find(guid, subscriber)).toBeDefined();
  });

  it('of a one-shot settles it for good within 250 ms', async () => {
    await node.cut('e');
    await delivered(1);
    await acknowledge(1);
    clock.advance(250);
    await waitFor(async () => (await cluster.node().sessions.find(subscriber))?.events.length === 0);
    await expect(acknowledge(1)).rejects.toMatchObject({ code: 'not-found' });
  });
});
