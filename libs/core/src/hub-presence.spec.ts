import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError, parseEventGuid } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FakeClock, MemoryCluster } from '@ringback/memory';
import type { HubPorts } from './hub.js';
import type { Members, SubscriptionStore } from './ports/subscription-store.port.js';
import { presenceCodec, type RecordingConnection } from './testing/recording-connection.js';
import { deferred, replaced } from './testing/replaced.js';
import { TestHub } from './testing/test-hub.js';

const guid = parseEventGuid('e');
const anyone = { name: 'anyone' };
const nameOf = ({ connectionId }: RecordingConnection): string => `c:${connectionId}`;

describe('Hub, with presence', () => {
  let cluster: MemoryCluster;
  let clock: FakeClock;
  let store: SubscriptionStore;
  let a: TestHub;
  let b: TestHub;

  const nodeWith = (ports: Partial<HubPorts> = {}, presenceMembers = 1_000): TestHub =>
    new TestHub(cluster, { ports: { clock, ...ports }, limits: { presenceMembers } });

  const join = async (node: TestHub, cookie = 'c'): Promise<RecordingConnection> => {
    const connection = node.connect(undefined, anyone, presenceCodec);
    await again(node, connection, cookie);
    return connection;
  };

  const again = (node: TestHub, { connectionId }: RecordingConnection, cookie: string) =>
    node.hub.subscribe(connectionId, { eventguid: guid, cookie, presence: true });

  /** Lets so much time pass, and everything happen that is on its way. */
  const pass = async (ms: number): Promise<void> => {
    for (let turn = 0; turn < 4; turn++) {
      clock.turn();
      await new Promise<void>((resume) => void setImmediate(resume));
      if (turn === 1) clock.advance(ms);
    }
  };

  const snapshot = (...members: RecordingConnection[]): string =>
    `[${members.map(nameOf).toSorted().join(' ')}]${members.length}`;

  beforeEach(() => {
    cluster = new MemoryCluster();
    clock = new FakeClock();
    store = cluster.node().subscriptions;
    a = nodeWith();
    b = nodeWith();
  });

  it('shows a snapshot first, then who joins and who leaves, on all nodes', async () => {
    const one = await join(a);
    await pass(20);
    const two = await join(b);
    await pass(20);
    expect(one.frames).toEqual([snapshot(one), `+${nameOf(two)}`]);
    expect(two.frames).toEqual([snapshot(one, two)]);

    await b.unsubscribe(two, 'e');
    await pass(20);
    expect(one.frames.at(-1)).toBe(`-${nameOf(two)}`);
    const three = await join(b);
    await pass(20);
    b.disconnect(three);
    await pass(20);
    expect(one.frames.slice(3)).toEqual([`+${nameOf(three)}`, `-${nameOf(three)}`]);
  });

  it('tells what happens within 20 ms together, the last of each member', async () => {
    const one = await join(a);
    await pass(20);
    const two = await join(b);
    await pass(10);
    expect(one.frames).toEqual([snapshot(one)]);
    b.disconnect(two);
    const three = await join(b);
    await pass(10);
    expect(one.frames.slice(1).toSorted()).toEqual([`+${nameOf(three)}`, `-${nameOf(two)}`]);
  });

  it('shows a snapshot instead of more than 16 joins and leaves at once', async () => {
    const one = await join(a);
    await pass(20);
    const all = await Promise.all(Array.from({ length: 17 }, () => join(b)));
    await pass(20);
    expect(one.frames).toEqual([snapshot(one), snapshot(one, ...all)]);
  });

  it('sends those of one event no more than 10,000 frames a second', async () => {
    const all = await Promise.all(Array.from({ length: 500 }, () => join(a)));
    await pass(20);
    const late = await join(b);
    await pass(20);
    await pass(20);
    expect(all[0]!.frames).toEqual([snapshot(...all)]);
    await pass(10); // 50 ms after the 500 snapshots
    expect(all[0]!.frames).toEqual([snapshot(...all), `+${nameOf(late)}`]);
  });

  it('neither shows nor is shown to who does not take part', async () => {
    const plain = a.connect(undefined, anyone, presenceCodec);
    await a.subscribe(plain, 'e', 'c');
    const one = await join(a);
    await pass(20);
    a.disconnect(plain);
    await pass(20);
    expect(one.frames).toEqual([snapshot(one)]);
    expect(plain.frames).toEqual([]);
  });

  it('serves all who join at once by one read', async () => {
    let reads = 0;
    const present: SubscriptionStore['present'] = (...args) => {
      reads++;
      return store.present(...args);
    };
    const node = nodeWith({ subscriptions: replaced(store, { present }) });
    const all = await Promise.all(Array.from({ length: 20 }, () => join(node)));
    await pass(20);
    expect(reads).toBe(1);
    for (const one of all) expect(one.frames).toEqual([snapshot(...all)]);
  });

  it('names no more members than it may, and counts the others', async () => {
    const node = nodeWith({}, 2);
    for (let index = 0; index < 4; index++) await join(node);
    const last = await join(node);
    await pass(20);
    expect(last.frames).toEqual([expect.stringMatching(/^\[\S+ \S+\]5$/)]);
  });

  it('sends nothing where the protocol has no presence', async () => {
    const mute = a.connect();
    await again(a, mute, 'c');
    const one = await join(a);
    await pass(20);
    await a.trigger('e', 'd');
    await pass(0);
    expect(mute.frames).toEqual(['1:d→c']);
    expect(one.frames[0]).toBe(snapshot(mute, one));
  });

  it('is refused to a named subscriber', async () => {
    const named = a.connectNamed();
    await expect(again(a, named, 'c')).rejects.toMatchObject({ code: 'bad-request' });
    expect(await store.find(guid, 'n:anyone/s')).toBeUndefined();
  });

  it('shows a fresh snapshot to who subscribes again', async () => {
    const one = await join(a);
    await pass(20);
    await again(a, one, 'new');
    await pass(20);
    expect(one.frames).toEqual([snapshot(one), snapshot(one)]);
  });

  it('shows a snapshot to who comes just after the last one has left', async () => {
    const one = await join(a);
    a.disconnect(one);
    await waitFor(() => a.hub.figures().events === 0);
    const two = await join(a);
    await pass(20);
    expect(two.frames).toEqual([snapshot(two)]);
  });

  it('shows a fresh snapshot to all after joins or leaves may have been lost', async () => {
    const { relay } = cluster.node();
    let doubt = (): void => undefined;
    const node = nodeWith({
      relay: replaced(relay, {
        listen: (listener) => {
          doubt = () => listener.onDoubt([guid]);
          relay.listen(listener);
        },
      }),
    });
    const [one, two] = [await join(node), await join(node)];
    await pass(20);
    doubt();
    await pass(20);
    for (const { frames } of [one, two]) expect(frames).toEqual([snapshot(one, two), snapshot(one, two)]);
  });

  it('shows a fresh snapshot after a gap among the envelopes', async () => {
    const { relay } = cluster.node();
    let deaf = false;
    const node = nodeWith({
      relay: replaced(relay, {
        listen: (listener) =>
          relay.listen(replaced(listener, { onEnvelope: (one) => void (deaf || listener.onEnvelope(one)) })),
      }),
    });
    const one = await join(node);
    await pass(20);
    await a.trigger('e', '1');
    await pass(0);
    deaf = true;
    await a.trigger('e', '2');
    await pass(0);
    deaf = false;
    await a.trigger('e', '3');
    await waitFor(async () => {
      await pass(20);
      return one.frames.length === 5;
    });
    expect(one.frames).toEqual([snapshot(one), '1:1→c', '2:2→c', '3:3→c', snapshot(one)]);
  });

  describe('while the snapshot is read', () => {
    /** A node whose store answers with what it knew when the gate opens. */
    const nodeWithGate = (): { node: TestHub; open: () => void; reading: () => boolean } => {
      const gate = deferred();
      let begun = false;
      const present = async (...args: Parameters<SubscriptionStore['present']>): Promise<Members> => {
        const members = await store.present(...args);
        begun = true;
        await gate.promise;
        return members;
      };
      const node = nodeWith({ subscriptions: replaced(store, { present }) });
      return { node, open: () => gate.resolve(), reading: () => begun };
    };

    it('a leave that is heard is not undone by the older list, nor is a join', async () => {
      const leaving = await join(b);
      const { node, open, reading } = nodeWithGate();
      const one = await join(node);
      await pass(20);
      await waitFor(reading);
      b.disconnect(leaving);
      const joining = await join(b);
      await pass(20);
      open();
      await pass(0);
      expect(one.frames).toEqual([snapshot(one, joining)]);
    });

    it('nobody gets a join before its first snapshot', async () => {
      const { node, open } = nodeWithGate();
      const one = await join(node);
      await pass(5); // not read yet
      await join(b);
      await pass(5);
      expect(one.frames).toEqual([]);
      await pass(20);
      open();
      await pass(0);
      expect(one.frames).toHaveLength(1);
    });

    it('who has left by then gets nothing', async () => {
      const { node, open, reading } = nodeWithGate();
      const [one, two] = [await join(node), await join(node)];
      await pass(20);
      await waitFor(reading);
      await node.unsubscribe(one, 'e');
      await pass(0);
      open();
      await pass(0);
      expect(one.frames).toEqual([]);
      expect(two.frames).toEqual([snapshot(two)]);
    });
  });

  it('reads again when the store could not be reached, as long as anybody waits', async () => {
    let reads = 0;
    const present: SubscriptionStore['present'] = (...args) =>
      ++reads > 2 ? store.present(...args) : Promise.reject(new HubError('relay-unavailable'));
    const node = nodeWith({ subscriptions: replaced(store, { present }) });
    const one = await join(node);
    await pass(20);
    await pass(5_000);
    await pass(5_000);
    expect(one.frames).toEqual([snapshot(one)]);
    expect(node.log.at('warn')).toHaveLength(2);

    reads = 0;
    const two = await join(node);
    await pass(20);
    for (const { connectionId } of [one, two]) node.hub.disconnect(connectionId);
    await waitFor(() => node.hub.figures().events === 0);
    await pass(20_000);
    expect(reads).toBe(1);
  });
});
