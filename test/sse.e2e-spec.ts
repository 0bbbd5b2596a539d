import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StockStream, waitFor } from '@ringback/conformance';
import { trigger } from './support/http.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { BALANCERS, World } from './support/world.js';

/** Streams that share one event, each with its own cookie. */
const SINGLES = 90;
/** Events of the others: as many as have their places in an id, and more, which have a journal. */
const LIST_SIZES = [11, 12, 20];
const MAX_LISTED_EVENTS = 11;
const SHORT_LISTS = 11 + 12 + 20;
/** Streams of each size. */
const LISTS = 8;
/** Streams of a list that has no room in a URL. */
const PREPARED = 2;
const PREPARED_EVENTS = 1_000;

const RETRY_MS = 300;
/** The load balancer looks once a second, and sends nobody any more after two. */
const SHUTDOWN_DELAY_MS = 2_500;
const WITHIN_MS = 30_000;
/** Triggers before, while and after a node ends. */
const TRIGGERS_AT_ONCE = 24;
/** From each event to the one that is triggered next: no divisor of how many there are. */
const STRIDE = 9;

/** What browsers send to another origin without asking. */
const SAFE_ID = /^[0-9A-Za-z._-]{1,128}$/;

interface Delivered {
  readonly eventguid: string;
  readonly cookie: string;
  readonly data: string;
}

/** A stock EventSource, and what it is to get. */
interface Subscriber {
  readonly stream: StockStream;
  readonly cookie: string;
  readonly eventguids: readonly string[];
}

let redis: RunningRedis;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

describe.each(BALANCERS)('EventSource at three nodes behind %s with its defaults', (balancer) => {
  let world: World;
  let subscribers: Subscriber[] = [];
  let rounds = 0;
  /** The events of this test, and the data that each was triggered with, in order. */
  let triggered: Map<string, string[]>;

  let rung = 0;

  const open = (index: number, eventguids: readonly string[]): Subscriber => {
    const cookie = `cookie ${index}`;
    const query = eventguids.flatMap((eventguid) => [
      `event=${encodeURIComponent(eventguid)}`,
      `cookie=${encodeURIComponent(cookie)}`,
    ]);
    const stream = new StockStream(`${world.url}/v1/stream?format=envelope&${query.join('&')}`);
    return { stream, cookie, eventguids };
  };

  const openPrepared = async (index: number, eventguids: readonly string[]): Promise<Subscriber> => {
    const cookie = `cookie ${index}`;
    const events = eventguids.map((eventguid) => ({ eventguid, cookie }));
    const response = await fetch(`${world.url}/v1/streams`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ events, format: 'envelope' }),
    });
    const { url } = (await response.json()) as { readonly url: string };
    return { stream: new StockStream(world.url + url), cookie, eventguids };
  };

  /** Triggers so often at nodes that run: in turn the event that most share, one of the short lists, and one of all. */
  const ring = async (times: number): Promise<void> => {
    const nodes = world.nodes.filter(({ pid }) => pid !== 0);
    const events = [...triggered];
    for (let count = 0; count < times; count++) {
      rung += 1;
      const at = [0, 1 + (rung % SHORT_LISTS), (rung * STRIDE) % events.length][count % 3] ?? 0;
      const [eventguid, sent] = events[at] ?? ['', []];
      const data = `${sent.length}`;
      sent.push(data);
      await trigger(nodes[count % nodes.length]?.url ?? '', eventguid, { data });
    }
  };

  const received = ({ stream }: Subscriber): Delivered[] =>
    stream.of('message').map(({ data }) => JSON.parse(data) as Delivered);

  const expected = ({ eventguids }: Subscriber): number =>
    eventguids.reduce((sum, eventguid) => sum + (triggered.get(eventguid)?.length ?? 0), 0);

  /** What it has received, each delivery once. */
  const receivedOnce = (one: Subscriber): ReadonlySet<string> =>
    new Set(received(one).map(({ eventguid, data }) => `${eventguid} ${data}`));

  const untilAllHaveAll = async (): Promise<void> => {
    const isDone = (one: Subscriber): boolean =>
      receivedOnce(one).size >= expected(one) || !one.stream.isAlive;
    await waitFor(() => subscribers.every(isDone), 'everything at every stream', WITHIN_MS);
    const gone = subscribers.filter(({ stream }) => !stream.isAlive);
    expect(gone.map(({ stream }) => [stream.status, stream.problems])).toEqual([]);
  };

  /** Each envelope once and in the order of its event, with the subscriber's own cookie. A stream with a journal may double what a killed node has not written down. */
  const expectExact = (subscriber: Subscriber, isKilled = false): void => {
    const mayDouble = isKilled && subscriber.eventguids.length > MAX_LISTED_EVENTS;
    const deliveries = received(subscriber);
    const dataOf = new Map<string, string[]>(subscriber.eventguids.map((eventguid) => [eventguid, []]));
    for (const { eventguid, data } of deliveries) dataOf.get(eventguid)?.push(data);
    for (const [eventguid, its] of dataOf) {
      const seen = mayDouble ? [...new Set(its)] : its;
      expect([subscriber.cookie, eventguid, seen]).toEqual([
        subscriber.cookie,
        eventguid,
        triggered.get(eventguid),
      ]);
    }
    expect(new Set(deliveries.map(({ cookie }) => cookie))).toEqual(new Set([subscriber.cookie]));
    expect(subscriber.stream.of('ringback.reset')).toEqual([]);
    for (const id of subscriber.stream.idsSent) if (id !== undefined) expect(id).toMatch(SAFE_ID);
  };

  const opened = (): number => subscribers.reduce((sum, { stream }) => sum + stream.opened, 0);

  beforeAll(async () => {
    const env = {
      RINGBACK_SSE_RETRY_MS: String(RETRY_MS),
      RINGBACK_SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS),
    };
    world = await World.start({ redisUrl: redis.url, nodes: 3, balancer, env });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    rounds += 1;
    const shared = `shared ${rounds}`;
    const lists = [...LIST_SIZES, PREPARED_EVENTS].map((length) =>
      Array.from({ length }, (_, index) => `${index} of ${length}, ${rounds}`),
    );
    triggered = new Map([shared, ...lists.flat()].map((eventguid) => [eventguid, []]));
    subscribers = Array.from({ length: SINGLES }, (_, index) => open(index, [shared]));
    for (const list of lists.slice(0, LIST_SIZES.length))
      for (let index = 0; index < LISTS; index++) subscribers.push(open(subscribers.length, list));
    for (let index = 0; index < PREPARED; index++)
      subscribers.push(await openPrepared(subscribers.length, lists.at(-1) ?? []));
    await waitFor(() => subscribers.every(({ stream }) => stream.opened > 0), 'every stream', WITHIN_MS);
  });
  afterEach(() => {
    for (const { stream } of subscribers) stream.close();
  });

  it('brings the one-shots of all its events to every stream, and then has it stay away', async () => {
    await ring(TRIGGERS_AT_ONCE);
    await untilAllHaveAll();
    const endOne = async ([eventguid, sent]: [string, string[]]): Promise<void> => {
      sent.push('last');
      await trigger(world.node(rounds).url, eventguid, { data: 'last', removeAfterSend: true });
      await trigger(world.url, eventguid, { data: 'to nobody' });
    };
    const left = [...triggered];
    while (left.length > 0) await Promise.all(left.splice(0, TRIGGERS_AT_ONCE).map(endOne));
    await waitFor(() => subscribers.every(({ stream }) => !stream.isAlive), 'the end of all', WITHIN_MS);
    for (const subscriber of subscribers) expectExact(subscriber);
    expect(new Set(subscribers.map(({ stream }) => stream.status))).toEqual(new Set([204]));
  });

  it('brings every stream everything once, though one node is killed and another stopped', async () => {
    for (const [index, signal] of (['SIGKILL', 'SIGTERM'] as const).entries()) {
      const before = opened();
      await ring(TRIGGERS_AT_ONCE);
      const stopping = world.node(index).stop(signal);
      await ring(TRIGGERS_AT_ONCE);
      await stopping;
      await ring(TRIGGERS_AT_ONCE);
      await untilAllHaveAll();
      expect(opened()).toBeGreaterThan(before);
    }
    for (const subscriber of subscribers) expectExact(subscriber, true);
  });
});
