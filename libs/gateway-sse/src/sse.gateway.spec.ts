import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor, type StockStream } from '@ringback/conformance';
import { CLOSE_REASONS, HubError, parseEventGuid } from '@ringback/contract';
import type { AccessPolicy } from '@ringback/core';
import { connect } from 'node:net';
import { MAX_LISTED_EVENTS } from './stream-id.js';
import { TwoNodes, type TwoNodesOptions } from './testing/two-nodes.js';

/** The token says what it may: `events:a,b`, or `later` for one that cannot be checked now. */
const ACCESS: AccessPolicy = {
  authenticate({ token }) {
    if (token === undefined) return Promise.reject(new HubError('unauthorized'));
    if (token === 'later') return Promise.reject(new HubError('relay-unavailable'));
    return Promise.resolve({ name: token });
  },
  allows: ({ name }, _action, eventguid) => name.split(',').includes(String(eventguid)),
};

const ASKS_FOR_A_STREAM = { headers: { Accept: 'text/event-stream' } };

describe('SseGateway', () => {
  let nodes: TwoNodes;

  afterEach(async () => {
    await nodes.close();
  });

  async function start(options: TwoNodesOptions = {}): Promise<void> {
    nodes = await TwoNodes.start(options);
  }

  async function opened(stream: StockStream, times = 1): Promise<StockStream> {
    await waitFor(() => stream.opened === times && /^id: /m.test(stream.head), 'the stream to be open');
    return stream;
  }

  function data(stream: StockStream): readonly string[] {
    return stream.of('message').map((event) => event.data);
  }

  /** Ends the stream as a proxy that is restarted does, or a node that is gone: in the middle of everything. */
  async function cut(stream: StockStream): Promise<void> {
    const { errors } = stream;
    for (const server of nodes.servers) server.cut();
    await waitFor(() => stream.errors > errors, 'the end of the stream');
  }

  describe('a stream', () => {
    beforeEach(() => start());

    it('begins at once, with an id, and says that nothing in between may change it', async () => {
      const stream = await opened(nodes.stream([['door-4', 'lamp']]));
      const { headers } = stream.responses[0] as Response;
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
        connection: 'close',
      });
      expect(headers.has('transfer-encoding')).toBe(false);
      expect(headers.has('ringback-recovered')).toBe(false);
      expect(stream.head).toMatch(/^retry: 20\nid: 1\.[0-9a-f]{12}\.0\n\n$/);
    });

    it('brings the data, the type and the id, and no cookie', async () => {
      const stream = await opened(nodes.stream([['door-4', 'secret']], '', { types: ['opened'] }));
      const { epoch } = await nodes.trigger('door-4', 'one', { type: 'opened' });
      await nodes.trigger('door-4', 'two\nlines');
      await waitFor(() => stream.events.length === 2, 'both');
      expect(stream.events).toEqual([
        { type: 'opened', data: 'one', lastEventId: `1.${epoch}.1` },
        { type: 'message', data: 'two\nlines', lastEventId: `1.${epoch}.2` },
      ]);
      expect(stream.head).not.toContain('secret');
    });

    it('has in the format envelope what other protocols have, and the cookie of each event', async () => {
      const events = [
        ['door-4', 'lamp 17'],
        ['door-5', ''],
      ] as const;
      const stream = await opened(nodes.stream(events, '&format=envelope'));
      for (const [eventguid] of events) await nodes.trigger(eventguid, `of ${eventguid}`);
      await waitFor(() => stream.events.length === 2, 'both');
      expect(data(stream).map((text) => JSON.parse(text) as object)).toMatchObject([
        { eventguid: 'door-4', cookie: 'lamp 17', data: 'of door-4' },
        { eventguid: 'door-5', cookie: '', data: 'of door-5' },
      ]);
    });

    it('ends its subscriptions with the request', async () => {
      const stream = await opened(nodes.stream([['a'], ['b']]));
      expect(nodes.hub().figures()).toMatchObject({ connections: 1, subscriptions: 2 });
      stream.close();
      await waitFor(() => nodes.hub().figures().subscriptions === 0, 'the end of the subscriptions');
      expect(nodes.server().clients.size).toBe(0);
    });

    it('is closed by an operator for good', async () => {
      const stream = await opened(nodes.stream([['a']]));
      const subscription = await nodes.cluster.node().subscriptions.subscriptions(parseEventGuid('a'), {
        limit: 1,
      });
      const connectionId = subscription.items[0]?.subscriber.slice(2) ?? '';
      await nodes.hub(1).operator.disconnect({ name: 'operator' }, connectionId);
      await waitFor(() => !stream.isAlive, 'the end of it');
      expect(stream.status).toBe(204);
      expect(stream.of('ringback.close').map((event) => event.data)).toEqual([
        JSON.stringify(CLOSE_REASONS['closed-by-operator']),
      ]);
    });
  });

  it('says something now and then, the id with it', async () => {
    await start({ keepAliveMs: 30 });
    const stream = await opened(nodes.stream([['a'], ['b']]));
    await waitFor(() => stream.head.split('\n:\n').length > 2, 'two keep-alives');
    const ids = [...stream.head.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(1);
    await nodes.trigger('a', 'data');
    await waitFor(() => stream.events.length === 1, 'the delivery');
    const seen = stream.head.length;
    await waitFor(() => stream.head.length > seen, 'one more');
    expect(stream.head.slice(seen)).toContain(`:\nid: ${stream.events[0]?.lastEventId}\n\n`);
    expect(stream.events).toHaveLength(1);
  });

  describe.each([1, 2, MAX_LISTED_EVENTS, MAX_LISTED_EVENTS + 1, 20, 150])(
    'a stream of %i events that is cut',
    (count) => {
      const eventguids = Array.from({ length: count }, (_, index) => `event ${index}`);
      const events = eventguids.map((eventguid) => [eventguid, `cookie of ${eventguid}`] as const);

      beforeEach(() => start({ retryMs: 50 }));

      it('goes on where it was, with everything once and in order', async () => {
        const stream = await opened(nodes.stream(events));
        const sent: string[] = [];
        const triggerAll = async (round: string): Promise<void> => {
          for (const eventguid of eventguids) {
            sent.push(`${eventguid} ${round}`);
            await nodes.trigger(eventguid, `${eventguid} ${round}`);
          }
        };
        for (let round = 0; round < 5; round++) {
          await triggerAll(`seen ${round}`);
          await waitFor(() => stream.events.length === sent.length, 'what was seen');
          await cut(stream);
          await triggerAll(`missed ${round}`);
          await opened(stream, round + 2);
        }
        await waitFor(() => stream.events.length >= sent.length, 'everything');
        for (const eventguid of eventguids) {
          const of = (texts: readonly string[]) => texts.filter((text) => text.startsWith(`${eventguid} `));
          expect(of(data(stream))).toEqual(of(sent));
        }
        expect(stream.events).toHaveLength(sent.length);
        expect(stream.responses.at(-1)?.headers.get('ringback-recovered')).toBe('true');
        for (const id of stream.idsSent.slice(1)) expect(id).toMatch(/^[0-9A-Za-z._-]{1,128}$/);
      });

      it('has not lost its place before its first event', async () => {
        const stream = await opened(nodes.stream(events));
        await cut(stream);
        for (const eventguid of eventguids) await nodes.trigger(eventguid, 'missed');
        await waitFor(() => stream.events.length === count, 'what was missed');
        expect(stream.of('ringback.reset')).toEqual([]);
      });

      it('goes on over a restart of the store that has kept everything', async () => {
        const stream = await opened(nodes.stream(events));
        for (const eventguid of eventguids) await nodes.trigger(eventguid, 'one');
        await waitFor(() => stream.events.length === count, 'the first');
        await cut(stream);
        for (const eventguid of eventguids) await nodes.trigger(eventguid, 'two');
        nodes.cluster.restart({ keep: true });
        for (const eventguid of eventguids) await nodes.trigger(eventguid, 'three');
        await waitFor(() => stream.events.length >= 3 * count, 'the others');
        expect([...data(stream)].sort()).toEqual(
          ['one', 'three', 'two'].flatMap((one) => Array<string>(count).fill(one)),
        );
        expect(stream.of('ringback.reset')).toEqual([]);
      });

      it('is told of each event that something may be lost', async () => {
        const stream = await opened(nodes.stream(events));
        for (const eventguid of eventguids) await nodes.trigger(eventguid, 'before');
        await waitFor(() => stream.events.length === count, 'the first');
        await cut(stream);
        nodes.cluster.restart({ keep: false });
        await opened(stream, 2);
        expect(stream.responses[1]?.headers.get('ringback-recovered')).toBe('false');
        for (const eventguid of eventguids) await nodes.trigger(eventguid, 'after');
        await waitFor(() => data(stream).length === 2 * count, 'what is new');
        const resets = stream.of('ringback.reset').map((event) => JSON.parse(event.data) as object);
        expect(resets).toEqual(
          eventguids.map((eventguid) => ({ eventguid, position: expect.stringMatching(/^[0-9a-f]{12}:0$/) })),
        );
      });

      it('ends for good with the one-shots of all its events', async () => {
        const stream = await opened(nodes.stream(events));
        for (const [index, eventguid] of eventguids.entries()) {
          await nodes.trigger(eventguid, `last ${index}`, { removeAfterSend: true });
          await nodes.trigger(eventguid, 'to nobody');
        }
        await waitFor(() => !stream.isAlive, 'the end of it');
        expect(stream.status).toBe(204);
        expect(data(stream)).toEqual(eventguids.map((_, index) => `last ${index}`));
        await waitFor(() => nodes.hub().figures().connections === 0, 'the end of the connection');
      });

      it('gets the one-shots that it has missed, and then nothing more', async () => {
        const stream = await opened(nodes.stream(events));
        await cut(stream);
        for (const eventguid of eventguids) {
          await nodes.trigger(eventguid, 'missed');
          await nodes.trigger(eventguid, 'one-shot', { removeAfterSend: true });
          await nodes.trigger(eventguid, 'to nobody');
        }
        await waitFor(() => !stream.isAlive, 'the end of it');
        expect(stream.status).toBe(204);
        expect([...data(stream)].sort()).toEqual(
          ['missed', 'one-shot'].flatMap((one) => Array<string>(count).fill(one)),
        );
      });
    },
  );

  it('does not subscribe again to what has ended for a stream that goes on with the rest', async () => {
    await start();
    const stream = await opened(nodes.stream([['a'], ['b']]));
    await nodes.trigger('a', 'one-shot', { removeAfterSend: true });
    await waitFor(() => stream.events.length === 1, 'the one-shot');
    await cut(stream);
    await opened(stream, 2);
    expect(nodes.hub().figures().subscriptions).toBe(1);
    await nodes.trigger('a', 'to nobody');
    await nodes.trigger('b', 'to the rest');
    await waitFor(() => stream.events.length === 2, 'the rest');
    expect(data(stream)).toEqual(['one-shot', 'to the rest']);
  });

  it('takes up on any node what was left on another, by the header or the query', async () => {
    await start();
    const stream = await opened(nodes.stream([['a'], ['b']]));
    await nodes.trigger('a', 'seen');
    await waitFor(() => stream.events.length === 1, 'the first');
    stream.close();
    await nodes.trigger('a', 'missed');
    const id = stream.events[0]?.lastEventId ?? '';
    const other = nodes.server(1).stream([['a'], ['b']]);
    const streams = [
      nodes.open(`${other}&lastEventId=${id}`),
      nodes.open(other, { headers: { 'Last-Event-ID': id } }),
    ];
    for (const back of streams) {
      await waitFor(() => back.events.length === 1, 'what was missed');
      expect(data(back)).toEqual(['missed']);
      expect(back.responses[0]?.headers.get('ringback-recovered')).toBe('true');
    }
  });

  it.each(['1.elsewhere.7', 'of another server', '2.aaaa.bbbb1', '%00', 'x'.repeat(300)])(
    'goes on with what is new after the id %p, and says that it knows no more',
    async (id) => {
      await start();
      await nodes.trigger('a', 'old');
      const stream = await opened(nodes.stream([['a']], `&lastEventId=${id}`));
      expect(stream.responses[0]?.headers.get('ringback-recovered')).toBe('false');
      expect(stream.of('ringback.reset')).toHaveLength(1);
      await nodes.trigger('a', 'new');
      await waitFor(() => data(stream).length > 0, 'what is new');
      expect(data(stream)).toEqual(['new']);
    },
  );

  describe('who is not let in', () => {
    beforeEach(() => start({ access: ACCESS, limits: { cookieBytes: 10, subscriptionsPerConnection: 100 } }));

    it.each([
      [400, 'bad-request', [['a']], '&format=xml'],
      [400, 'bad-request', [], ''],
      [400, 'bad-eventguid', [['a\nb']], ''],
      [429, 'too-many-subscriptions', Array.from({ length: 101 }, (_, index) => [`e${index}`]), ''],
      [400, 'bad-request', [['a']], '&access_token=a&subscriberId='],
      [401, 'unauthorized', [['a']], ''],
      [403, 'forbidden', [['a'], ['b']], '&access_token=a'],
      [413, 'cookie-too-large', [['a', 'x'.repeat(11)]], '&access_token=a'],
    ] as const)('is answered with %i %s, and stays away', async (status, code, events, more) => {
      const stream = nodes.stream(events as readonly (readonly [string, string?])[], more);
      await waitFor(() => !stream.isAlive, 'the end of it');
      expect(stream.status).toBe(status);
      expect(stream.problems).toMatchObject([{ code }]);
      await waitFor(() => nodes.hub().figures().connections === 0, 'nothing left behind');
    });

    it('is told with a stream to come back, where there is no room or no answer now', async () => {
      const stream = nodes.stream([['a']], '&access_token=later');
      await waitFor(() => stream.errors > 0, 'the end of the stream');
      expect([stream.isAlive, stream.status]).toEqual([true, 200]);
      expect(stream.head).toMatch(/^retry: [2-6]\d{3}\nevent: ringback\.error\ndata: .*\n\n$/);
      expect(JSON.parse(stream.of('ringback.error')[0]?.data ?? '')).toMatchObject({
        code: 'relay-unavailable',
      });
    });

    it('is told so with a problem, if it is no EventSource', async () => {
      const url = nodes.server().stream([['a']], '&access_token=later');
      const response = await fetch(url);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await response.json()).toMatchObject({ code: 'relay-unavailable' });
    });

    it.each(['POST', 'HEAD', 'PUT'])('has no %s', async (method) => {
      const response = await fetch(nodes.server().stream([['a']]), { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
    });
  });

  it('lets pages of listed origins in, and no others, before they can do harm', async () => {
    await start({ origins: ['https://page.example'] });
    const url = nodes.server().stream([['a']]);
    const page = { Origin: 'https://page.example' };
    const stream = await opened(nodes.open(url, { headers: page }));
    const { headers } = stream.responses[0] as Response;
    expect(headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(headers.get('access-control-expose-headers')).toContain('Ringback-Recovered');
    const ask = {
      ...page,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'last-event-id',
    };
    const preflight = await fetch(url, { method: 'OPTIONS', headers: ask });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('last-event-id');
    const other = await fetch(url, { headers: { Origin: 'https://other.example' } });
    expect(other.status).toBe(403);
    expect(nodes.hub().figures().connections).toBe(1);
  });

  it('sends its clients back when its node drains, and those who come meanwhile too', async () => {
    await start({ retryMs: 100 });
    const stream = await opened(nodes.stream([['a']]));
    await nodes.hub().drain();
    await waitFor(() => stream.of('ringback.close').length === 1, 'the reason');
    expect(JSON.parse(stream.of('ringback.close')[0]?.data ?? '')).toEqual(CLOSE_REASONS.draining);
    const [, retry] = /^retry: (\d+)\nevent: ringback\.close$/m.exec(stream.head) ?? [];
    expect(Number(retry)).toBeGreaterThanOrEqual(100);
    expect(Number(retry)).toBeLessThanOrEqual(300);
    stream.close();
    const late = await fetch(nodes.server().stream([['a']]), ASKS_FOR_A_STREAM);
    expect([late.status, late.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(await late.text()).toMatch(
      /^retry: \d+\nevent: ringback\.error\ndata: \{"code":"draining",.*\}\n\n$/,
    );
  });

  it('notices at once that a client is gone, whether it says so or not', async () => {
    await start();
    const { host, port } = new URL(nodes.server().url);
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const socket = connect(Number(port), '127.0.0.1').resume();
      socket.write(`GET /v1/stream?event=a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      await waitFor(() => nodes.hub().figures().subscriptions === 1, 'the subscription');
      socket[leave]();
      await waitFor(() => nodes.hub().figures().connections === 0, 'the end of the connection');
    }
  });

  it('leaves nothing behind of clients that go while their streams are opened', async () => {
    await start();
    const { host, port } = new URL(nodes.server().url);
    for (let round = 0; round < 50; round++) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`GET /v1/stream?event=a&event=b HTTP/1.1\r\nHost: ${host}\r\n\r\n`, () =>
        socket.resetAndDestroy(),
      );
    }
    const stream = await opened(nodes.stream([['a']]));
    await waitFor(() => nodes.hub().figures().connections === 1, 'the others to be gone');
    await waitFor(() => nodes.hub().figures().subscriptions === 1, 'their subscriptions to be gone');
    stream.close();
  });

  it('tells who takes part in the event, to those who ask', async () => {
    await start();
    const events = [['a'], ['b']] as const;
    const stream = await opened(nodes.stream(events, '&presence=true'));
    await waitFor(() => stream.of('ringback.presence').length === 2, 'a snapshot of each');
    const seen = stream.of('ringback.presence').map((event) => JSON.parse(event.data) as object);
    expect(seen).toEqual(
      expect.arrayContaining([
        { eventguid: 'a', kind: 'snapshot', total: 1, members: [expect.stringMatching(/^c:/)] },
      ]),
    );
    await nodes.trigger('b', 'data');
    await waitFor(() => data(stream).length === 1, 'the delivery');
    expect(stream.of('message')[0]?.lastEventId).toMatch(/^2\./);
  });

  it('says that a subscription was removed, and that it is over', async () => {
    await start();
    const stream = await opened(nodes.stream([['a'], ['b']]));
    const guid = parseEventGuid('a');
    const { items } = await nodes.cluster.node().subscriptions.subscriptions(guid, { limit: 1 });
    await nodes.hub(1).operator.removeSubscription({ name: 'o' }, guid, items[0]?.subscriber ?? '');
    await waitFor(() => stream.of('ringback.ended').length === 1, 'the word of it');
    expect(JSON.parse(stream.of('ringback.ended')[0]?.data ?? '')).toEqual({ eventguid: 'a' });
    await cut(stream);
    await opened(stream, 2);
    expect(nodes.hub().figures().subscriptions).toBe(1);
  });
});
