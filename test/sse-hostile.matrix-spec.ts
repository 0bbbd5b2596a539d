import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { metric, trigger } from './support/http.js';
import { RawStream } from './support/raw-stream.js';
import { startRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

/** What ends a line, a text or an event somewhere, or looks like a part of a stream. */
const HOSTILE = [
  'a\r\nid: 1.x.9\r\n\r\ndata: b',
  'a\n\nevent: ringback.close\ndata: {}\n\n',
  'a\rdata: b\r\r',
  '\nid: 0\n\n',
  '\0',
  '1.a.1\0',
  'a\u2028data: b\u2029\u2029',
  'a\u0085\u000b\u000cdata: b',
  '\ufeffdata: b',
  ': b',
  'data: b',
  'retry: 1',
  ' ',
  '"},{"data":"b"}',
  '🔔\ud83d\udd14',
];

/** What no eventguid may have, nor a type that an EventSource could be told. */
const CONTROL = /\p{Cc}/u;

const FORMATS = ['plain', 'envelope'] as const;
const LAST = 'last';

/** Numbers that are the same with each run of a seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe('the event streams of three nodes behind haproxy', () => {
  /** What has been started, even if what comes after it could not be. */
  const closing: (() => Promise<unknown>)[] = [];
  let world: World;
  let streams: RawStream[] = [];
  let rounds = 0;
  let own: string;

  beforeAll(async () => {
    const redis = await startRedis();
    closing.push(() => redis.close());
    world = await World.start({ redisUrl: redis.url, nodes: 3 });
    closing.push(() => world.close());
  });
  afterAll(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });
  beforeEach(() => {
    own = `own ${++rounds}`;
  });
  afterEach(async () => {
    for (const stream of streams) stream.close();
    streams = [];
    for (const { url } of world.nodes) {
      expect((await fetch(`${url}/health/ready`)).status).toBe(200);
      expect(await metric(url, 'ringback_errors_total', '{code="internal"}')).toBe(0);
    }
  });

  const open = (query: readonly (readonly [string, string])[], headers = {}): RawStream => {
    const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    const stream = new RawStream(`${world.url}/v1/stream?${text}`, { headers });
    streams.push(stream);
    return stream;
  };

  /** As a lenient client reads it. */
  const messagesOf = (stream: RawStream): EventSourceMessage[] => {
    const events: EventSourceMessage[] = [];
    createParser({ onEvent: (event) => events.push(event) }).feed(stream.body);
    return events;
  };

  /** What follows is delivered at once, and nothing else was. */
  const reachLast = async (stream: RawStream, eventguid: string): Promise<void> => {
    expect(await stream.status()).toBe(200);
    await trigger(world.url, eventguid, { data: LAST });
    await stream.reaches((data) => data === LAST || data.includes(`"data":"${LAST}"`));
  };

  /** With the type if there may be such a one. */
  const triggerHostile = async (eventguid: string, text: string): Promise<string | undefined> => {
    try {
      await trigger(world.url, eventguid, { data: text, type: text });
      return text;
    } catch {
      await trigger(world.url, eventguid, { data: text });
      return undefined;
    }
  };

  describe.each(FORMATS)('in the format %s', (format) => {
    it.each(HOSTILE)('have nothing smuggled in by %j as cookie, data and type', async (text) => {
      for (const others of [[], [['event', `${own} other`]]] as const) {
        const eventguid = `${own} ${others.length}`;
        const stream = open([['event', eventguid], ['cookie', text], ...others, ['format', format]]);
        expect(await stream.status()).toBe(200);
        await stream.reachesId();
        const type = await triggerHostile(eventguid, text);
        await reachLast(stream, eventguid);

        const named = type !== undefined && !CONTROL.test(type) ? type : undefined;
        const read = stream.blocks.filter(({ data }) => data !== undefined);
        expect(read).toHaveLength(2);
        expect(messagesOf(stream)).toEqual(read.map(({ id, event, data }) => ({ id, event, data })));
        expect(read[0]?.event).toBe(named);
        const data = read[0]?.data ?? '';
        if (format === 'plain') expect(data).toBe(text.replaceAll(/\r\n|\r/g, '\n'));
        else expect(JSON.parse(data)).toMatchObject({ eventguid, cookie: text, data: text });
      }
    });
  });

  it.each(HOSTILE)('take %j as an eventguid, or refuse it, and nothing in between', async (text) => {
    const query = [
      ['event', text],
      ['format', 'envelope'],
    ] as const;
    const stream = open(query, { Connection: 'close' });
    if (CONTROL.test(text)) {
      expect(await stream.status()).toBe(400);
      await stream.ends();
      expect(JSON.parse(stream.body)).toMatchObject({ code: 'bad-eventguid', status: 400 });
      expect(stream.head).not.toMatch(/^(?:id|data|event):/im);
    } else {
      await reachLast(stream, text);
      expect(JSON.parse(stream.data[0] ?? '')).toMatchObject({ eventguid: text, data: LAST });
    }
  });

  it.each(HOSTILE)('do not say %j again that has come as an id', async (text) => {
    const stream = open([
      ['event', own],
      ['lastEventId', text],
    ]);
    await reachLast(stream, own);
    expect(stream.head).toMatch(/^ringback-recovered: false$/im);
    expect(stream.blocks.map(({ event }) => event ?? '')).toEqual(['ringback.reset', '', '']);
    expect(messagesOf(stream)).toHaveLength(2);
  });

  it.each([
    ['NUL', '\0'],
    ['NUL at its end', '1.a.1\0'],
    ['bytes that are no UTF-8', '\x80\xff'],
    ['another control character', 'a\x0bb'],
    ['four thousand characters', 'x'.repeat(4_000)],
    ['spaces around it', ' 1.a.1 '],
    ['two ids', '1.a.1, 1.b.2'],
  ])('are reset, or refused, by a header with %s', async (_, text) => {
    const stream = open([['event', own]], { 'Last-Event-ID': text });
    const status = await stream.status();
    expect([200, 400]).toContain(status);
    if (status === 400) return;
    await reachLast(stream, own);
    expect(stream.blocks.map(({ event }) => event ?? '')).toEqual(['ringback.reset', '', '']);
  });

  describe('with an id that is forged', () => {
    let epoch: string;
    let others: readonly string[];

    beforeEach(async () => {
      const positions = [];
      for (const eventguid of [own, `${own} list`, 'of another'])
        positions.push((await trigger(world.url, eventguid, { data: `kept of ${eventguid}` })).position);
      epoch = positions[0]!.split(':')[0]!;
      const foreign = open([['event', 'of another']]);
      const list = open([
        ['event', 'of another'],
        ['event', own],
      ]);
      await foreign.reachesId();
      await list.reachesId();
      others = [foreign.lastEventId!, list.lastEventId!];
    });

    /** A stream of one's own event, and one of it and another, with this id. */
    const openWith = (id: string): RawStream[] => [
      open([['event', own]], { 'Last-Event-ID': id }),
      open([
        ['event', own],
        ['event', `${own} list`],
        ['lastEventId', id],
      ]),
    ];

    /** Answers what has become of it: a reset, 204, or that it goes on, and then with data of its own events only. */
    const outcomeOf = async (stream: RawStream): Promise<string> => {
      const status = await stream.status();
      if (status !== 200) return String(status);
      await stream.reaches((data) => data === LAST);
      const data = stream.blocks
        .filter(({ event }) => event !== 'ringback.reset')
        .flatMap((each) => each.data ?? []);
      const known = new Set([`kept of ${own}`, `kept of ${own} list`, LAST]);
      expect(data.filter((each) => !known.has(each))).toEqual([]);
      const isReset = stream.blocks.some(({ event }) => event === 'ringback.reset');
      expect(stream.head).toMatch(isReset ? /^ringback-recovered: false$/im : /^ringback-recovered: true$/im);
      return isReset ? 'reset' : 'goes on';
    };

    const outcomesOf = async (ids: readonly string[]): Promise<string[]> => {
      const opened = ids.flatMap(openWith);
      await Promise.all(opened.map((stream) => stream.status()));
      await trigger(world.url, own, { data: LAST });
      return Promise.all(opened.map(outcomeOf));
    };

    it('say that something may be lost, or that all is over, whatever it looks like', async () => {
      const forged: readonly (readonly [id: string, single: string, list: string])[] = [
        [`1.${epoch}.999`, 'reset', 'reset'],
        [`1.${epoch}.9007199254740991`, 'reset', 'reset'],
        [`1.${epoch}.9007199254740992`, 'reset', 'reset'],
        [`1.${epoch}.-1`, 'reset', 'reset'],
        [`1.${epoch}.1e3`, 'reset', 'reset'],
        [`1.${epoch}.01`, 'reset', 'reset'],
        ['1.elsewhere.1', 'reset', 'reset'],
        ['1.__proto__.1', 'reset', 'reset'],
        ['__proto__', 'reset', 'reset'],
        ['1..1', 'reset', 'reset'],
        ['2.', 'reset', 'reset'],
        ['2.aaaa.aaaa1', 'reset', 'reset'],
        [`2.${'.aaaa1'.repeat(600)}`, 'reset', 'reset'],
        ['3.a.b.c', 'reset', 'reset'],
        ['4', 'reset', 'reset'],
        ['00', 'reset', 'reset'],
        [others[1]!, 'reset', 'reset'],
        ['0', '204', '204'],
        ['0.elsewhere.7', '204', 'reset'],
      ];
      const outcomes = await outcomesOf(forged.map(([id]) => id));
      const found = forged.map(([id], index) => [id, ...outcomes.slice(2 * index, 2 * index + 2)]);
      expect(found).toEqual(forged);
    });

    it('bring nothing of the event that the id is of', async () => {
      const outcomes = await outcomesOf(others);
      for (const outcome of outcomes) expect(['reset', 'goes on']).toContain(outcome);
    });

    it.each([1, 2, 3])('bear ids that are broken at random: seed %i', async (seed) => {
      const random = randomOf(seed);
      const valid = [`1.${epoch}.1`, ...others];
      const broken = Array.from({ length: 60 }, () => {
        const id = valid[random(valid.length)]!.split('');
        for (let times = 0; times <= random(3); times++)
          id.splice(random(id.length), random(2), String.fromCharCode(33 + random(94)));
        return id.join('');
      });
      for (const outcome of await outcomesOf(broken)) expect(['reset', 'goes on', '204']).toContain(outcome);
    });
  });
});
