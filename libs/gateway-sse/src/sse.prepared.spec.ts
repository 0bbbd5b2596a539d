import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor, type StockStream } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import type { AccessPolicy } from '@ringback/core';
import { parseDefinition } from './prepared-request.js';
import { TwoNodes } from './testing/two-nodes.js';

/** Whoever shows a token is called so. */
const ACCESS: AccessPolicy = {
  authenticate: ({ token }) =>
    token === undefined ? Promise.reject(new HubError('unauthorized')) : Promise.resolve({ name: token }),
  allows: () => true,
};

const MAX_EVENTS = 1_000;

describe('a stream that was prepared', () => {
  let nodes: TwoNodes;

  afterEach(async () => {
    await nodes.close();
  });

  async function prepare(body: object, name = 'alice'): Promise<string> {
    return nodes.server().prepared.prepare(parseDefinition(body, MAX_EVENTS), { name });
  }

  /** On the other node than it was prepared on. */
  function open(id: string, token = 'alice'): StockStream {
    return nodes.open(`${nodes.server(1).url}/v1/stream/${id}?access_token=${token}`);
  }

  async function opened(stream: StockStream, times = 1): Promise<StockStream> {
    await waitFor(() => stream.opened === times && /^id: /m.test(stream.head), 'the stream to be open');
    return stream;
  }

  const data = (stream: StockStream): readonly string[] => stream.of('message').map((event) => event.data);

  it('is opened on any node, with all its events and their cookies, and goes on over a cut', async () => {
    nodes = await TwoNodes.start({ access: ACCESS });
    const events = Array.from({ length: 400 }, (_, index) => ({
      eventguid: `event ${index}`,
      cookie: `cookie ${index}`,
    }));
    const stream = await opened(open(await prepare({ events, format: 'envelope' })));
    expect(nodes.hub(1).figures().subscriptions).toBe(events.length);
    for (const { eventguid } of events) await nodes.trigger(eventguid, 'seen');
    await waitFor(() => data(stream).length === events.length, 'all that came first');
    nodes.server(1).cut();
    for (const { eventguid } of events) await nodes.trigger(eventguid, 'missed');
    await opened(stream, 2);
    await waitFor(() => data(stream).length >= 2 * events.length, 'all that was missed');
    const deliveries = data(stream).map((text) => JSON.parse(text) as Record<string, string>);
    for (const { eventguid, cookie } of events)
      expect(deliveries.filter((one) => one['eventguid'] === eventguid)).toMatchObject([
        { cookie, data: 'seen' },
        { cookie, data: 'missed' },
      ]);
    expect(stream.responses[1]?.headers.get('ringback-recovered')).toBe('true');
  });

  it('of few events has the id that it would have without', async () => {
    nodes = await TwoNodes.start({ access: ACCESS });
    const stream = await opened(open(await prepare({ events: ['a'] })));
    expect(stream.head).toMatch(/^retry: 20\nid: 1\.[0-9a-f]{12}\.0\n\n$/);
  });

  it("is nobody else's", async () => {
    nodes = await TwoNodes.start({ access: ACCESS });
    const id = await prepare({ events: ['a'] });
    for (const stream of [open(id, 'bob'), open(`${id.slice(1)}x`)]) {
      await waitFor(() => !stream.isAlive, 'the end of it');
      expect([stream.status, stream.problems]).toEqual([
        404,
        [expect.objectContaining({ code: 'not-found' })],
      ]);
    }
    const nobody = nodes.open(`${nodes.server().url}/v1/stream/${id}`);
    await waitFor(() => !nobody.isAlive, 'the end of it');
    expect(nobody.status).toBe(401);
  });

  it('lasts as long as it is open, and for a while after, so that its client can come back', async () => {
    nodes = await TwoNodes.start({ access: ACCESS, preparedTtlMs: 800, streamTtlMs: 1_200, retryMs: 10 });
    const forgotten = await prepare({ events: ['a'] });
    const id = await prepare({ events: ['a'] });
    const stream = await opened(open(id));
    const { records } = nodes.cluster.node();
    const isForgotten = async (one: string): Promise<boolean> =>
      (await records.read(`prepared-stream/${one}`)) === undefined;
    await waitFor(() => isForgotten(forgotten), 'the end of the one that nobody has opened');
    nodes.server(1).cut();
    await opened(stream, 2);
    expect(await isForgotten(id)).toBe(false);
    stream.close();
    await waitFor(() => isForgotten(id), 'the end of the other');
  });

  it('is made again where its record is lost while it is open', async () => {
    nodes = await TwoNodes.start({ access: ACCESS });
    const stream = await opened(open(await prepare({ events: ['a'] })));
    nodes.cluster.restart({ keep: false });
    nodes.server(1).cut();
    await opened(stream, 2);
    expect(stream.isAlive).toBe(true);
  });

  it('takes nothing else in its query', async () => {
    nodes = await TwoNodes.start({ access: ACCESS });
    const stream = nodes.open(`${nodes.server().url}/v1/stream/${await prepare({ events: ['a'] })}?event=b`);
    await waitFor(() => !stream.isAlive, 'the end of it');
    expect([stream.status, stream.problems]).toMatchObject([400, [{ code: 'bad-request' }]]);
  });

  it('keeps its places where others cannot use them', async () => {
    nodes = await TwoNodes.start({ access: ACCESS });
    const events = Array.from({ length: 12 }, (_, index) => `event ${index}`);
    const stream = await opened(open(await prepare({ events })));
    await nodes.trigger('event 0', 'one');
    await waitFor(() => stream.events.length === 1, 'the first');
    const id = stream.events[0]?.lastEventId ?? '';
    const query = `access_token=bob&lastEventId=${id}&${events.map((name) => `event=${name}`).join('&')}`;
    const foreign = await opened(
      nodes.open(`${nodes.server().url}/v1/stream?${query.replaceAll(' ', '%20')}`),
    );
    expect(foreign.responses[0]?.headers.get('ringback-recovered')).toBe('false');
    await waitFor(() => foreign.of('ringback.reset').length === events.length, 'a reset of each event');
    expect(data(foreign)).toEqual([]);
  });
});
