import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { StockStream, waitFor } from '@ringback/conformance';
import { randomUUID } from 'node:crypto';
import type { EventPublisher } from '../event-publisher.js';
import type { StreamEvent } from '../stream-event.js';
import type { TopicClass, TopicReference } from '../topic.js';
import { RawStream } from './raw-stream.js';
import {
  DifferentTopic,
  FakeTopic,
  FaultyTopic,
  GreetingTopic,
  PricesTopic,
  RudeTopic,
  SimpleTopic,
  UNWRITABLE,
} from './row-topics.js';

/** Nodes that serve `ROW_TOPICS` and `STANDARD_TOPIC`. */
export interface TopicHost {
  /** The URL of a topic; at one node, or at whichever the load balancer picks. */
  at(topic: string, node?: number): string;
  /** One for each node. */
  readonly publishers: readonly EventPublisher[];
  /** How many clients are there, at all nodes. */
  clients(): number;
  /** What was logged as our own fault. */
  faults(): number;
  /** Closes every channel: all streams end. */
  flush(): void;
  /** The nodes leave; what they listen on stays open. */
  shutDown(): Promise<void>;
  close(): Promise<void>;
}

/** The rows of FubuMVC.ServerSentEvents, by their numbers. */
export function describeFubuRows(name: string, openHost: () => Promise<TopicHost>): void {
  describe(`${name}, row by row`, () => {
    const streams: { close(): void }[] = [];
    let host: TopicHost;
    let turn = 0;

    beforeAll(async () => {
      host = await openHost();
    });
    afterAll(() => host.close());
    afterEach(async () => {
      for (const stream of streams.splice(0)) stream.close();
      await waitFor(() => host.clients() === 0, 'the end of all clients');
    });

    const publish = (topic: TopicReference, ...events: readonly StreamEvent[]): Promise<readonly string[]> =>
      publisher().writeTo(topic, ...events);

    /** Another node each time. */
    const publisher = (): EventPublisher =>
      host.publishers[turn++ % host.publishers.length] as EventPublisher;

    /** A topic of the class that no other test has. */
    const fresh = (topic: TopicClass): readonly [reference: TopicReference, url: string] => {
      const id = randomUUID();
      const name = topic.name.replace('Topic', '').toLowerCase();
      return [{ topic, parameters: { Id: id } }, `${name}?Id=${id}`];
    };

    const numbered = (...ids: readonly number[]): readonly StreamEvent[] =>
      ids.map((id) => ({ id: `${id}`, data: `data-${id}` }));

    const stock = async (topic: string, lastEventId?: string): Promise<StockStream> => {
      const headers: Record<string, string> =
        lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
      const stream = new StockStream(host.at(topic), { headers });
      streams.push(stream);
      await waitFor(() => stream.opened > 0, `the stream of ${topic}`);
      return stream;
    };

    const raw = async (topic: string, lastEventId?: string): Promise<RawStream> => {
      const stream = new RawStream(
        host.at(topic),
        lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
      );
      streams.push(stream);
      await waitFor(() => stream.response !== undefined, `an answer of ${topic}`);
      return stream;
    };

    const ids = (stream: StockStream): readonly string[] =>
      stream.of('message').map(({ lastEventId }) => lastEventId);

    const getsExactly = async (stream: StockStream, expected: readonly string[]): Promise<void> => {
      await waitFor(() => ids(stream).length >= expected.length, `${expected.length} events`);
      expect(ids(stream)).toEqual(expected);
    };

    /** One more event, after which nothing can come that was to come before. */
    const thenOnly = async (
      topic: TopicReference,
      stream: StockStream,
      expected: readonly string[],
    ): Promise<void> => {
      await publish(topic, { id: 'end', data: 'end' });
      await getsExactly(stream, [...expected, 'end']);
    };

    it('1. finds FakeTopic at fake, and by its full name', async () => {
      const [topic, url] = fresh(FakeTopic);
      await publish(topic, ...numbered(1));
      for (const path of [url, url.replace('fake', 'FakeTopic'), url.replace('fake?Id', 'FAKE?id')])
        await getsExactly(await stock(path), ['1']);
    });

    it('2. finds a topic with a route property behind its name', async () => {
      const name = randomUUID();
      const stream = await stock(`different/${name}`);
      await publish(DifferentTopic.of({ Name: name }), ...numbered(1));
      await getsExactly(stream, ['1']);
    });

    it('2a. binds a plain property from the query', async () => {
      const id = randomUUID();
      const stream = await stock(`simple?someid=${id.toUpperCase()}`);
      await publish(SimpleTopic.of({ SomeId: id }), ...numbered(1));
      await getsExactly(stream, ['1']);
    });

    it('3. has one channel for equal topics, and others for other values and types', async () => {
      const id = randomUUID();
      const [equal, value, type] = [
        await stock(`fake?id=${id}&unknown=1`),
        await stock(`fake?Id=${id}x`),
        await stock(`greeting?Id=${id}`),
      ];
      await publish({ topic: 'FAKETOPIC', parameters: { ID: id } }, ...numbered(1));
      await getsExactly(equal, ['1']);
      await thenOnly(FakeTopic.of({ Id: `${id}x` }), value, []);
      await thenOnly(GreetingTopic.of({ Id: id }), type, []);
    });

    it('4. has a queue before there is any client', async () => {
      const [topic, url] = fresh(FakeTopic);
      await publish(topic, ...numbered(1));
      await getsExactly(await stock(url), ['1']);
    });

    describe('of 2, 1, 3, 4, 5, 6, 7', () => {
      const stored = ['2', '1', '3', '4', '5', '6', '7'];

      it.each([
        ['5. without an id everything', undefined, stored],
        ['6. nothing behind the newest', '7', []],
        ['7. what is behind an older one', '1', ['3', '4', '5', '6', '7']],
        ['8. everything behind an unknown one', 'elsewhere', stored],
      ])('gets %s', async (_, lastEventId, expected) => {
        const [topic, url] = fresh(FakeTopic);
        await publish(topic, ...stored.map((id) => ({ id, data: id })));
        const stream = await stock(url, lastEventId);
        await thenOnly(topic, stream, expected);
      });
    });

    it('7a. goes on behind the first of several events with one id', async () => {
      const [topic, url] = fresh(FakeTopic);
      await publish(topic, ...numbered(1, 2, 1, 3));
      await thenOnly(topic, await stock(url, '1'), ['2', '1', '3']);
    });

    it('9. gets everything of a topic that none of its parameters tells apart', async () => {
      const mark = randomUUID();
      await publish(FakeTopic.of(), { id: mark, data: 'x' });
      const stream = await stock('fake');
      await waitFor(() => ids(stream).includes(mark), 'the event');
    });

    it('10. waits while the queue is empty', async () => {
      const [topic, url] = fresh(FakeTopic);
      const stream = await stock(url, '7');
      await thenOnly(topic, stream, []);
    });

    it('11. answers each client that waits with its own remainder', async () => {
      const [topic, url] = fresh(FakeTopic);
      const first = await stock(url);
      await publish(topic, ...numbered(1));
      const second = await stock(url, '1');
      await publish(topic, ...numbered(2));
      const third = await stock(url, '2');
      await publish(topic, ...numbered(3));
      await getsExactly(first, ['1', '2', '3']);
      await getsExactly(second, ['2', '3']);
      await getsExactly(third, ['3']);
    });

    it('12. sends a client what is queued, and keeps it', async () => {
      const [topic, url] = fresh(FakeTopic);
      await publish(topic, ...numbered(1, 2));
      const stream = await stock(url);
      await getsExactly(stream, ['1', '2']);
      await thenOnly(topic, stream, ['1', '2']);
      expect(stream.opened).toBe(1);
    });

    it('13. sends what is published in three batches once and in order', async () => {
      const [topic, url] = fresh(FakeTopic);
      const stream = await stock(url);
      for (const batch of [numbered(1, 2, 3), numbered(4), numbered(5, 6)]) await publish(topic, ...batch);
      await thenOnly(topic, stream, ['1', '2', '3', '4', '5', '6']);
    });

    it('14. sends initial events first, then the queue', async () => {
      const [topic, url] = fresh(GreetingTopic);
      GreetingTopic.events.set(topic.parameters?.['Id'], [
        { id: 'random1', data: 'ie1' },
        { id: 'random2', data: 'ie2' },
      ]);
      await publish(topic, ...numbered(1, 2, 3));
      await thenOnly(topic, await stock(url), ['random1', 'random2', '1', '2', '3']);
    });

    it('15. goes on behind the last initial event, if the queue has it', async () => {
      const [topic, url] = fresh(GreetingTopic);
      GreetingTopic.events.set(topic.parameters?.['Id'], [{ id: '3', event: 'Snapshot', data: 'all' }]);
      await publish(topic, ...numbered(1, 2, 3, 4, 5));
      await thenOnly(topic, await stock(url), ['3/Snapshot', '4', '5']);
    });

    it('15a. leaves a client where it was, if initial events have no id', async () => {
      const [topic, url] = fresh(GreetingTopic);
      GreetingTopic.events.set(topic.parameters?.['Id'], [{ event: 'Hello', data: 'x' }]);
      const [begins, comesBack] = [await raw(url), await raw(url, '2/Name')];
      await waitFor(() => begins.events !== '' && comesBack.events !== '', 'both greetings');
      expect(begins.events).toBe('id: /Hello\ndata: x\n\nid: \n\n');
      expect(comesBack.events).toBe('id: /Hello\ndata: x\n\nid: 2/Name\n\n');
      const stream = await stock(url);
      await publish(topic, ...numbered(1, 2));
      await getsExactly(await stock(url, '1'), ['/Hello', '2']);
      await getsExactly(stream, ['/Hello', '1', '2']);
    });

    it('16. has the client come back with the last event that could be written', async () => {
      const [topic, url] = fresh(FaultyTopic);
      const stream = await stock(url);
      await publish(topic, ...numbered(1), { id: '2', data: UNWRITABLE }, ...numbered(3));
      await waitFor(() => stream.idsSent.length > 1, 'its return');
      expect(ids(stream)).toEqual(['1']);
      expect(stream.idsSent).toEqual([undefined, '1']);
    });

    it('17. writes nothing to a client that is gone', async () => {
      const [topic, url] = fresh(FakeTopic);
      const gone = await raw(url);
      await waitFor(() => host.clients() === 1, 'the client');
      gone.close();
      await waitFor(() => host.clients() === 0, 'its end, at once');
      await publish(topic, ...numbered(1));
      expect(gone.events).toBe('');
    });

    it('19. faults the request whose writer throws, and no other', async () => {
      const [topic, url] = fresh(FaultyTopic);
      const [other, otherUrl] = fresh(FakeTopic);
      const bystander = await stock(otherUrl);
      await publish(topic, { id: '1', data: UNWRITABLE });
      const before = host.faults();
      expect((await raw(url)).response?.statusCode).toBe(500);
      expect(host.faults()).toBeGreaterThan(before);
      await thenOnly(other, bystander, []);
    });

    it('20. faults the request whose initializer throws', async () => {
      const [, url] = fresh(RudeTopic);
      const before = host.faults();
      const { response } = await raw(url);
      expect([response?.statusCode, response?.headers['content-type']]).toEqual([
        500,
        'application/problem+json',
      ]);
      expect(host.faults()).toBeGreaterThan(before);
    });

    it.each([
      ['23. id and data', { id: '1', data: 'data-1' }, 'id: 1\ndata: data-1\n\n'],
      [
        '24. id, name and data',
        { id: '1', event: 'OrderPlaced', data: { n: 1 } },
        'id: 1/OrderPlaced\ndata: {"n":1}\n\n',
      ],
      [
        '25. id, name, retry and data',
        { id: '1', event: 'OrderPlaced', retry: 1000, data: 'a\nb' },
        'id: 1/OrderPlaced\nretry: 1000\ndata: a\ndata: b\n\n',
      ],
    ])('writes %s byte by byte, live and from the queue', async (_, event, text) => {
      const [topic, url] = fresh(FakeTopic);
      const live = await raw(url);
      await waitFor(() => live.text !== '', 'the beginning');
      await publish(topic, event);
      const later = await raw(url);
      for (const stream of [live, later]) {
        await waitFor(() => stream.events.length >= text.length, text);
        expect(stream.events).toBe(text);
      }
    });

    it('24a. writes each name into a line of its own where the topic asks for the standard', async () => {
      const id = randomUUID();
      const stream = await raw(`standard?Id=${id}`);
      await publish(
        { topic: 'standard', parameters: { Id: id } },
        { id: '1', event: 'Placed', retry: 10, data: 'x' },
      );
      const text = 'id: 1\nevent: Placed\nretry: 10\ndata: x\n\n';
      await waitFor(() => stream.events.length >= text.length, text);
      expect(stream.events).toBe(text);
    });

    it('26. sets the content type once, and at once', async () => {
      const stream = await raw(fresh(FakeTopic)[1]);
      const names = stream.response?.rawHeaders
        .filter((_, index) => index % 2 === 0)
        .map((name) => name.toLowerCase());
      expect(names?.filter((header) => header === 'content-type')).toHaveLength(1);
      expect(stream.response?.headers).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store, no-transform',
      });
    });

    it('27. brings each event before the next one is published', async () => {
      const [topic, url] = fresh(FakeTopic);
      const stream = await raw(url);
      await waitFor(() => stream.text !== '', 'the beginning');
      for (const event of numbered(1, 2, 3)) {
        await publish(topic, event);
        await waitFor(() => stream.events.endsWith(`data: ${String(event.data)}\n\n`), `event ${event.id}`);
      }
    });

    it('28. takes a broken pipe for a client that is gone, and for nothing else', async () => {
      const [topic, url] = fresh(FakeTopic);
      const [broken, whole] = [await raw(url), await stock(url)];
      const before = host.faults();
      const publishing = publish(topic, ...numbered(1, 2, 3));
      broken.close();
      await publishing;
      await getsExactly(whole, ['1', '2', '3']);
      expect(host.faults()).toBe(before);
    });

    it('29. asks a queue of its own only where the type has one', async () => {
      const [prices, pricesUrl] = fresh(PricesTopic);
      const [fake, fakeUrl] = fresh(FakeTopic);
      for (const topic of [prices, fake]) await publish(topic, ...numbered(1, 2, 3));
      await thenOnly(prices, await stock(pricesUrl), ['3']);
      await thenOnly(fake, await stock(fakeUrl), ['1', '2', '3']);
    });

    it('30. lets who publishes call what the queue has of its own', async () => {
      const [topic, url] = fresh(PricesTopic);
      const stream = await stock(url);
      await publisher().writeTo<PricesTopic['queue']>(topic, (queue) => queue.twice({ id: '1', data: 'x' }));
      await getsExactly(stream, ['1', '1 again']);
    });

    it('31. goes on behind an event that came with its name', async () => {
      const [topic, url] = fresh(FakeTopic);
      await publish(topic, ...[1, 2, 3].map((id) => ({ id: `${id}`, event: 'Name', data: 'x' })));
      await thenOnly(topic, await stock(url, '2/Name'), ['3/Name']);
    });

    describe('on its way out', () => {
      let leaving: TopicHost;

      beforeAll(async () => {
        leaving = await openHost();
      });
      afterAll(() => leaving.close());

      const opened = async (node: number): Promise<RawStream> => {
        const stream = new RawStream(leaving.at(fresh(FakeTopic)[1], node));
        await waitFor(() => stream.text !== '' || stream.hasEnded, 'the beginning');
        return stream;
      };

      it('18. ends every request with nothing when its channel is flushed', async () => {
        const ending = await Promise.all(leaving.publishers.map((_, node) => opened(node)));
        leaving.flush();
        await waitFor(() => ending.every(({ hasEnded }) => hasEnded), 'the end of all');
        for (const { text } of ending) expect(text).toMatch(/^retry: \d+\n\nretry: \d+\n: draining\n\n$/);
      });

      it('21., 22. disconnects all channels, and ends later requests without an error, when the host shuts down', async () => {
        const ending = await Promise.all(leaving.publishers.map((_, node) => opened(node)));
        await leaving.shutDown();
        await waitFor(() => ending.every(({ hasEnded }) => hasEnded), 'the end of all');
        const late = await opened(0);
        await waitFor(() => late.hasEnded, 'the end of the late one');
        expect([late.response?.statusCode, late.response?.headers['content-type']]).toEqual([
          200,
          'text/event-stream',
        ]);
        expect(late.text).toMatch(/^retry: \d+\nevent: ringback\.error\ndata: \{"code":"draining",.*\}\n\n$/);
        expect(leaving.faults()).toBe(0);
      });
    });
  });
}
