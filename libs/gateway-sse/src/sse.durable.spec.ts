import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor, type StockStream } from '@ringback/conformance';
import { formatPosition, parseEventGuid, type Position } from '@ringback/contract';
import { TwoNodes } from './testing/two-nodes.js';

const NAME = 'n:anonymous/worker';
const EVENTS = [['a', 'cookie']] as const;
const MORE = '&subscriberId=worker';

describe('a durable subscriber with an EventSource', () => {
  let nodes: TwoNodes;

  beforeEach(async () => {
    nodes = await TwoNodes.start({ retryMs: 50 });
  });

  afterEach(async () => {
    await nodes.close();
  });

  const session = () => nodes.cluster.node().sessions.find(NAME);

  async function opened(stream: StockStream, times = 1): Promise<StockStream> {
    await waitFor(() => stream.opened === times && /^id: /m.test(stream.head), 'the stream to be open');
    return stream;
  }

  async function gone(stream: StockStream): Promise<void> {
    stream.close();
    await waitFor(async () => (await session())?.holder === undefined, 'the session to be away');
  }

  async function received(stream: StockStream, ...data: readonly string[]): Promise<void> {
    await waitFor(() => stream.of('message').length >= data.length, data.join());
    expect(stream.of('message').map((event) => event.data)).toEqual(data);
  }

  async function untilAcknowledged(position: Position): Promise<void> {
    await waitFor(async () => {
      const acknowledged = (await session())?.events[0]?.acknowledged;
      return acknowledged && formatPosition(acknowledged) === formatPosition(position);
    }, 'the acknowledgement');
  }

  it('gets what came while it was away, on any node, whether or not it knows where it was', async () => {
    const stream = await opened(nodes.stream(EVENTS, MORE));
    await nodes.trigger('a', 'seen');
    await received(stream, 'seen');
    await gone(stream);
    await nodes.trigger('a', 'missed');
    const fresh = nodes.open(nodes.server(1).stream(EVENTS, MORE));
    await received(fresh, 'seen', 'missed');
    expect(fresh.responses[0]?.headers.has('ringback-recovered')).toBe(false);
  });

  it('acknowledges with the id that it comes back with', async () => {
    const stream = await opened(nodes.stream(EVENTS, MORE));
    const position = await nodes.trigger('a', 'seen');
    await received(stream, 'seen');
    nodes.server().cut();
    await opened(stream, 2);
    await untilAcknowledged(position);
    await gone(stream);
    await nodes.trigger('a', 'missed');
    await received(nodes.open(nodes.server(1).stream(EVENTS, MORE)), 'missed');
  });

  it('keeps its session until it has had the one-shot, and then is told to stay away', async () => {
    const stream = await opened(nodes.stream(EVENTS, MORE));
    nodes.server().cut();
    await nodes.trigger('a', 'one');
    await nodes.trigger('a', 'one-shot', { removeAfterSend: true });
    await waitFor(() => !stream.isAlive, 'the end of it');
    await received(stream, 'one', 'one-shot');
    expect(stream.status).toBe(204);
    await waitFor(async () => (await session()) === undefined, 'the end of the session');
  });

  it('goes on after a one-shot that ended what it was subscribed to before', async () => {
    const stream = await opened(nodes.stream(EVENTS, MORE));
    await gone(stream);
    await nodes.trigger('a', 'one-shot', { removeAfterSend: true });
    const fresh = await opened(nodes.stream(EVENTS, MORE));
    await received(fresh, 'one-shot');
    nodes.server().cut();
    await opened(fresh, 2);
    await nodes.trigger('a', 'new');
    await received(fresh, 'one-shot', 'new');
    expect(fresh.idsSent[1]).toMatch(/^1\./);
  });

  it('does so with several events, each by itself', async () => {
    const events = [['a'], ['b'], ['c']] as const;
    const stream = await opened(nodes.stream(events, MORE));
    await nodes.trigger('a', 'of a');
    await received(stream, 'of a');
    nodes.server().cut();
    await nodes.trigger('b', 'last of b', { removeAfterSend: true });
    await opened(stream, 2);
    await received(stream, 'of a', 'last of b');
    nodes.server().cut();
    await opened(stream, 3);
    await waitFor(async () => (await session())?.events.length === 2, 'b to be settled');
    await nodes.trigger('c', 'of c');
    await received(stream, 'of a', 'last of b', 'of c');
  });

  it('is one stream at a time: the older one is told to stay away', async () => {
    const older = await opened(nodes.stream(EVENTS, MORE));
    const newer = await opened(nodes.open(nodes.server(1).stream(EVENTS, MORE)));
    await waitFor(() => !older.isAlive, 'the end of the older one');
    expect(older.status).toBe(204);
    expect(JSON.parse(older.of('ringback.close')[0]?.data ?? '')).toMatchObject({
      name: 'session-taken-over',
    });
    await nodes.trigger('a', 'to the newer');
    await received(newer, 'to the newer');
  });

  it('keeps what another of its streams has subscribed to', async () => {
    await gone(await opened(nodes.stream([['other']], MORE)));
    await nodes.trigger('other', 'waits');
    await gone(await opened(nodes.stream(EVENTS, MORE)));
    const { items } = await nodes.cluster
      .node()
      .subscriptions.subscriptions(parseEventGuid('other'), { limit: 2 });
    expect(items).toHaveLength(1);
    await received(nodes.stream([['other']], MORE), 'waits');
  });

  it('takes no part in presence', async () => {
    const stream = nodes.stream(EVENTS, `${MORE}&presence=true`);
    await waitFor(() => !stream.isAlive, 'the refusal');
    expect(stream.problems).toMatchObject([{ code: 'bad-request' }]);
  });
});
