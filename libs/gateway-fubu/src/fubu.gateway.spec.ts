import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor, type StockStream } from '@ringback/conformance';
import { HubError, parseEventGuid } from '@ringback/contract';
import type { AccessPolicy } from '@ringback/core';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { RawStream } from './testing/raw-stream.js';
import { TopicNodes, type TopicNodesOptions } from './testing/topic-nodes.js';
import { topicHistory } from './topic-history.js';
import type { TopicDefinition } from './topic.definition.js';

const ORDERS: TopicDefinition = {
  name: 'OrdersTopic',
  path: [{ name: 'OrderId', type: 'integer' }],
  query: [{ name: 'Note' }],
  eventguid: 'order-{OrderId}',
};
const PLAIN: TopicDefinition = { name: 'PlainTopic', query: [{ name: 'Text' }], writer: 'w3c' };

/** The token says what it may: `subscribe:a`, `trigger:a`, `subscribe+history:a`, or `later` for one that cannot be checked now. */
const ACCESS: AccessPolicy = {
  authenticate({ token }) {
    if (token === undefined) return Promise.reject(new HubError('unauthorized'));
    if (token === 'later') return Promise.reject(new HubError('relay-unavailable'));
    return Promise.resolve({ name: token });
  },
  allows({ name }, action, eventguid) {
    const [actions = '', guid] = name.split(':');
    return guid === eventguid && actions.split('+').includes(action);
  },
};

describe('FubuGateway', () => {
  let nodes: TopicNodes;
  const raws: RawStream[] = [];

  afterEach(async () => {
    for (const stream of raws.splice(0)) stream.close();
    await nodes.close();
  });

  async function start(options: TopicNodesOptions = {}): Promise<void> {
    nodes = await TopicNodes.start({ topics: [ORDERS, PLAIN], ...options });
  }

  async function opened(stream: StockStream, times = 1): Promise<StockStream> {
    await waitFor(() => stream.opened === times, 'the stream to be open');
    return stream;
  }

  /** A stream that has said something. */
  async function raw(topic: string, headers: Readonly<Record<string, string>> = {}): Promise<RawStream> {
    const stream = new RawStream(nodes.server().at(topic), headers);
    raws.push(stream);
    await waitFor(() => stream.response !== undefined, 'the answer');
    return stream;
  }

  const seen = (stream: StockStream): readonly string[] => stream.of('message').map(({ data }) => data);

  const clients = (): number => nodes.servers.reduce((sum, server) => sum + server.clients.size, 0);

  describe('a stream', () => {
    beforeEach(() => start());

    it('shows what is triggered over any protocol, at its position where it has no id', async () => {
      const stream = await opened(nodes.stream('orders/7'));
      const id = await nodes.trigger('order-7', 'one');
      await nodes.trigger('order-7', Uint8Array.from([255]), { id: 'a/b', type: 'order.paid' });
      await waitFor(() => stream.events.length === 2, 'both');
      expect(stream.events).toEqual([
        { type: 'message', data: 'one', lastEventId: id },
        { type: 'message', data: '/w==', lastEventId: 'a/b/order.paid' },
      ]);
    });

    it('lets no event say that its clients are to stay away', async () => {
      const streams = [await opened(nodes.stream('orders/7')), await opened(nodes.stream('plain'))];
      const id = 'ringback.closed';
      const positions = [
        await nodes.trigger('order-7', 'one', { id }),
        await nodes.trigger('_events/plain', 'one', { id }),
      ];
      await waitFor(() => streams.every(({ events }) => events.length === 1), 'the event');
      expect(streams.map(({ events }) => events[0]?.lastEventId)).toEqual(positions);
      nodes.server().cut();
      await waitFor(() => streams.every((stream) => stream.opened === 2), 'both to come back');
    });

    it('brings each event once and in order, however publishing, coming and going fall together', async () => {
      const total = 300;
      const numbers = Array.from({ length: total }, (_, index) => `${index}`);
      const streams: StockStream[] = [];
      for (const [index, number] of numbers.entries()) {
        await nodes.trigger('order-7', number);
        if (index % 10 === 0) streams.push(nodes.stream('orders/7'));
        if (index % 100 === 50)
          await waitFor(() => streams.every((stream) => stream.opened > 0), 'those so far');
        if (index % 100 === 75) nodes.server().cut();
        await setImmediate(); // whoever is on its way comes a step further
      }
      await waitFor(() => streams.every((stream) => seen(stream).length >= total), 'everything at all');
      for (const stream of streams) expect(seen(stream)).toEqual(numbers);
      expect(streams.some((stream) => stream.opened > 1)).toBe(true);
    });

    it('goes on at another node where it was', async () => {
      const stream = await opened(nodes.stream('orders/7'));
      await nodes.trigger('order-7', 'seen', { type: 'a' });
      await waitFor(() => stream.events.length === 1, 'the first');
      stream.close();
      await nodes.trigger('order-7', 'missed');
      const { lastEventId = '' } = stream.events[0] ?? {};
      const url = nodes.server(1).at('orders/7');
      for (const back of [
        nodes.open(`${url}?lastEventId=nowhere&lastEventId=${encodeURIComponent(lastEventId)}`),
        nodes.open(url, { headers: { 'Last-Event-ID': lastEventId } }),
      ]) {
        await waitFor(() => back.events.length > 0, 'what was missed');
        expect(seen(back)).toEqual(['missed']);
      }
    });

    it('finds an id that is not ASCII again', async () => {
      await nodes.trigger('order-7', 'seen', { id: 'ø/ü', type: 'ö' });
      await nodes.trigger('order-7', 'new');
      const lastEventId = Buffer.from('ø/ü/ö').toString('latin1');
      const stream = await raw('orders/7', { 'Last-Event-ID': lastEventId });
      await waitFor(() => stream.text.endsWith('data: new\n\n'), 'the new one');
      expect(stream.text).not.toContain('seen');
    });

    it('tells how long to wait: as the last event had it that its client knows, else as always', async () => {
      await nodes.trigger('order-7', 'x', { id: '1', retryMs: 5 });
      await nodes.trigger('order-7', 'y', { id: '2' });
      const streams = [await raw('orders/7')];
      for (const id of ['0', '1', '2']) streams.push(await raw('orders/7', { 'Last-Event-ID': id }));
      await nodes.trigger('order-7', 'z', { id: '3' });
      await waitFor(() => streams.every(({ text }) => text.endsWith('z\n\n')), 'the last event at all');
      const [x, y, z] = ['id: 1\nretry: 5\ndata: x\n\n', 'id: 2\ndata: y\n\n', 'id: 3\ndata: z\n\n'];
      expect(streams.map(({ text }) => text)).toEqual([
        `retry: 20\n\n${x}${y}${z}`,
        `retry: 20\n\n${x}${y}${z}`,
        `retry: 5\n\n${y}${z}`,
        `retry: 5\n\n${z}`,
      ]);
    });

    it('ends with a one-shot, and goes on behind it when its client comes back', async () => {
      const stream = await opened(nodes.stream('orders/7'));
      await nodes.trigger('order-7', 'last', { removeAfterSend: true });
      await opened(stream, 2);
      await nodes.trigger('order-7', 'anew');
      await waitFor(() => seen(stream).length === 2, 'both');
      expect(seen(stream)).toEqual(['last', 'anew']);
    });

    it.each([
      ['orders/7', ': some events were lost on the way\n\n'],
      [
        'plain',
        ': some events were lost on the way\nevent: ringback.reset\ndata: {"eventguid":"_events/plain"}\n\n',
      ],
    ])(
      'of %s ends when something is lost, and its client comes back for what is kept',
      async (topic, word) => {
        const eventguid = topic === 'plain' ? '_events/plain' : 'order-7';
        const [stream, bytes] = [await opened(nodes.stream(topic)), await raw(topic)];
        await nodes.trigger(eventguid, 'seen');
        await waitFor(() => seen(stream).length === 1 && bytes.events !== '', 'the first');
        nodes.cluster.restart({ keep: false });
        await nodes.trigger(eventguid, 'new');
        await opened(stream, 2);
        await waitFor(() => seen(stream).length === 2, 'the new one');
        expect(seen(stream)).toEqual(['seen', 'new']);
        await waitFor(() => bytes.hasEnded, 'the end of the other');
        expect(bytes.text.endsWith(word)).toBe(true);
      },
    );

    it('ends when an operator removes its subscription, and is opened again', async () => {
      const stream = await opened(nodes.stream('orders/7'));
      const guid = parseEventGuid('order-7');
      const { items } = await nodes.cluster.node().subscriptions.subscriptions(guid, { limit: 1 });
      await nodes.hub(1).operator.removeSubscription({ name: 'o' }, guid, items[0]?.subscriber ?? '');
      await opened(stream, 2);
    });

    it('is closed by an operator for good', async () => {
      const stream = await opened(nodes.stream('orders/7'));
      const guid = parseEventGuid('order-7');
      const { items } = await nodes.cluster.node().subscriptions.subscriptions(guid, { limit: 1 });
      const connectionId = items[0]?.subscriber.slice(2) ?? '';
      await nodes.hub(1).operator.disconnect({ name: 'o' }, connectionId);
      await waitFor(() => !stream.isAlive, 'the end of it');
      expect([stream.status, clients()]).toEqual([204, 0]);
    });

    it('lets nothing that comes from elsewhere pass for a line of its own', async () => {
      const bytes = await raw('orders/7');
      await nodes.trigger('order-7', 'x\r\n\r\nid: forged\rdata: y\0', {
        id: 'a\r\nid: forged\0',
        type: 'b\n\ndata: z',
      });
      const text = 'id: aid: forged/bdata: z\ndata: x\ndata: \ndata: id: forged\ndata: data: y\0\n\n';
      await waitFor(() => bytes.events.length >= text.length, 'the event');
      expect(bytes.events).toBe(text);
    });

    it('leaves nothing behind of clients that go while their streams are opened', async () => {
      for (let round = 0; round < 30; round++) new RawStream(nodes.server().at('orders/7')).close();
      await opened(nodes.stream('orders/7'));
      await waitFor(
        () => clients() === 1 && nodes.hub().figures().subscriptions === 1,
        'the others to be gone',
      );
    });
  });

  it('brings a client more than may wait for it at once, and what comes meanwhile', async () => {
    await start({ limits: { outboxBytes: 128 * 1024 } });
    const data = (number: number): string => `${number} `.padEnd(8 * 1024, '.');
    for (let number = 0; number < 100; number++) await nodes.trigger('order-7', data(number));
    const streams = Array.from({ length: 5 }, () => nodes.stream('orders/7'));
    await waitFor(() => streams.every((stream) => stream.opened > 0), 'the streams');
    for (let number = 100; number < 105; number++) await nodes.trigger('order-7', data(number));
    await waitFor(() => streams.every((stream) => seen(stream).length >= 105), 'everything');
    for (const stream of streams) {
      expect(seen(stream).map((text) => Number.parseInt(text))).toEqual(
        Array.from({ length: 105 }, (_, index) => index),
      );
      expect(stream.opened).toBe(1);
    }
  });

  it('lets go of a client that takes nothing of what is kept', async () => {
    const history = { bytes: 64 * 1024 * 1024 };
    await start({ keepAliveMs: 50, history });
    const data = '.'.repeat(64 * 1024);
    for (let number = 0; number < 400; number++) await nodes.trigger('order-7', data);
    const socket = connect(Number(new URL(nodes.server().at('')).port), '127.0.0.1').pause();
    socket.write('GET /_events/orders/7 HTTP/1.1\r\nHost: a\r\n\r\n');
    await waitFor(
      () => nodes.hub().figures().outboxBytes >= nodes.hub().limits.outboxBytes / 2,
      'the backlog',
    );
    await waitFor(() => clients() === 0, 'the end of the client');
    socket.destroy();
  });

  it('says something now and then', async () => {
    await start({ keepAliveMs: 20 });
    const stream = await raw('orders/7');
    await waitFor(() => stream.text.endsWith('\n\n:\n\n:\n\n'), 'two keep-alives');
  });

  it('keeps as much as each topic asks for', async () => {
    const short = { ...ORDERS, retention: { envelopes: 2 } };
    const overrides = topicHistory([short, { ...PLAIN, retention: { envelopes: 1 } }]);
    expect(overrides).toEqual([
      { pattern: 'order-*', envelopes: 2 },
      { pattern: '_events/plain', envelopes: 1 },
      { pattern: '_events/plain?*', envelopes: 1 },
    ]);
    await start({ topics: [short, PLAIN], history: { overrides } });
    for (const data of ['1', '2', '3']) {
      await nodes.trigger('order-7', data);
      await nodes.trigger('_events/plain?Text=a', data);
    }
    const [orders, plain] = [nodes.stream('orders/7'), nodes.stream('plain?Text=a')];
    await waitFor(() => seen(orders).length === 2 && seen(plain).length === 1, 'what is kept');
    expect([seen(orders), seen(plain)]).toEqual([['2', '3'], ['3']]);
  });

  describe('who may not, or cannot now,', () => {
    beforeEach(() => start({ access: ACCESS }));

    it.each([
      ['orders/7', 401, 'unauthorized'],
      ['orders/7?access_token=subscribe:order-8', 403, 'forbidden'],
      ['orders/7?access_token=subscribe:order-7', 403, 'forbidden'],
      ['orders/7?access_token=history:order-7', 403, 'forbidden'],
      ['orders/seven?access_token=subscribe:order-7', 400, 'bad-request'],
      ['plain?Text=a%0Ab&access_token=x', 400, 'bad-eventguid'],
      [`plain?Text=${'x'.repeat(250)}&access_token=x`, 400, 'bad-eventguid'],
      ['unknown?access_token=x', 404, 'not-found'],
      ['orders/7/8?access_token=x', 404, 'not-found'],
      ['?access_token=x', 404, 'not-found'],
    ])('is refused %s with a problem, and leaves nothing behind', async (topic, status, code) => {
      const stream = nodes.stream(topic);
      await waitFor(() => !stream.isAlive && stream.problems.length > 0, 'the end of the stream');
      expect(stream.status).toBe(status);
      expect(stream.problems).toMatchObject([{ code }]);
      await waitFor(() => nodes.hub().figures().connections === 0, 'nothing left behind');
    });

    it('is refused a path that a proxy would tidy into that of another topic', async () => {
      const headers = { Authorization: 'Bearer subscribe+history:order-0' };
      expect((await raw('orders//7', headers)).response?.statusCode).toBe(400);
      expect((await raw('orders/', headers)).response?.statusCode).toBe(200);
    });

    it('is let in with a token in a header or the query', async () => {
      const headers = { Authorization: 'Bearer subscribe+history:order-7' };
      await opened(nodes.stream('orders/7', { headers }));
      await opened(nodes.stream('orders/7?Access_Token=subscribe%2Bhistory:order-7'));
    });

    it('is told with a stream to come back, if it asks for one, else with a problem', async () => {
      const stream = nodes.stream('orders/7?access_token=later');
      await waitFor(() => stream.errors > 0, 'the end of the stream');
      expect([stream.isAlive, stream.status]).toEqual([true, 200]);
      expect(stream.head).toMatch(/^retry: \d+\nevent: ringback\.error\ndata: .*\n\n$/);
      const response = await fetch(nodes.server().at('orders/7?access_token=later'));
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    });

    it.each(['HEAD', 'PUT', 'DELETE'])('has no %s', async (method) => {
      const response = await fetch(nodes.server().at('orders/7'), { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
    });

    it('publishes nothing', async () => {
      const post = (token: string) => ({
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: '[{"data":1}]',
      });
      expect((await fetch(nodes.server().at('orders/7'), post('subscribe:order-7'))).status).toBe(403);
      expect((await fetch(nodes.server().at('orders/7'), post('trigger:order-7'))).status).toBe(202);
    });
  });

  it('answers preflights for the ids that browsers ask about, and lets no other pages in', async () => {
    await start({ origins: ['https://page.example'] });
    const url = nodes.server().at('orders/7');
    const headers = {
      Origin: 'https://page.example',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'last-event-id',
    };
    const preflight = await fetch(url, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('last-event-id');
    const stream = await opened(
      nodes.open(url, { headers: { Origin: 'https://page.example', 'Last-Event-ID': 'a:b' } }),
    );
    expect(stream.responses[0]?.headers.get('access-control-allow-origin')).toBe('https://page.example');
    const other = { Origin: 'https://other.example' };
    expect((await fetch(url, { headers: other })).status).toBe(403);
    const posted = await fetch(url, {
      method: 'POST',
      headers: { ...other, 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(posted.status).toBe(403);
  });

  describe('publishing over HTTP', () => {
    beforeEach(() => start({ limits: { dataBytes: 64 } }));

    function post(body: unknown, type = 'application/json'): Promise<Response> {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return fetch(nodes.server(1).at('OrdersTopic/7'), {
        method: 'POST',
        headers: { 'Content-Type': type },
        body: text,
      });
    }

    it('publishes one event, or several in their order', async () => {
      const stream = await opened(nodes.stream('orders/7'));
      const one = await post({ data: 'first' });
      const several = await post([
        { id: '2', event: 'Placed', retry: 1, data: { n: 2 } },
        { id: '3', data: null },
        { id: '4', event: null, data: 4 },
      ]);
      expect([one.status, several.status]).toEqual([202, 202]);
      const { positions } = (await several.json()) as { readonly positions: readonly string[] };
      expect(positions.map((position) => position.split(':')[1])).toEqual(['2', '3', '4']);
      await waitFor(() => stream.events.length === 4, 'all');
      expect(stream.events.map(({ data, lastEventId }) => [lastEventId, data]).slice(1)).toEqual([
        ['2/Placed', '{"n":2}'],
        ['3', ''],
        ['4', '4'],
      ]);
    });

    it.each([
      ['an event that is no object', [{ data: 'x' }, 1], 400, 'bad-request'],
      ['an unknown key', [{ data: 'x' }, { name: 'x' }], 400, 'bad-request'],
      ['an id of two lines', [{ data: 'x' }, { id: 'a\nb' }], 400, 'bad-request'],
      ['a name with NUL', [{ data: 'x' }, { event: 'a\0' }], 400, 'bad-request'],
      ['an id that is no text', [{ data: 'x' }, { id: 1 }], 400, 'bad-request'],
      ['a retry that is none', [{ data: 'x' }, { retry: '1' }], 400, 'bad-request'],
      ['data that are too long', [{ data: 'x' }, { data: 'x'.repeat(65) }], 413, 'data-too-large'],
      ['too many events', Array.from({ length: 1_001 }, () => ({})), 400, 'bad-request'],
      ['what is no JSON', '{', 400, 'bad-request'],
      ['a body that is too long', `[${' '.repeat(70_000)}]`, 413, 'data-too-large'],
    ])('publishes nothing where there is %s', async (_, body, status, code) => {
      const stream = await opened(nodes.stream('orders/7'));
      const refused = await post(body);
      expect([refused.status, ((await refused.json()) as { readonly code: string }).code]).toEqual([
        status,
        code,
      ]);
      await post({ data: 'next' });
      await waitFor(() => stream.events.length > 0, 'the next');
      expect(seen(stream)).toEqual(['next']);
    });

    it('takes nothing but JSON', async () => {
      expect((await post({ data: 'x' }, 'text/plain')).status).toBe(415);
    });
  });
});
