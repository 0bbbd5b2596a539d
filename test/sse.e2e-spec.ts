import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StockStream, waitFor } from '@ringback/conformance';
import { trigger } from './support/http.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { BALANCERS, World } from './support/world.js';

/** Streams that share one event, each with its own cookie. */
const SINGLES = 90;
/** Streams of as many events as there may be. */
const LISTS = 20;
const LIST = Array.from({ length: 11 }, (_, index) => `part ${index}`);

const RETRY_MS = 300;
/** The load balancer looks once a second, and sends nobody any more after two. */
const SHUTDOWN_DELAY_MS = 2_500;
const WITHIN_MS = 30_000;
/** Triggers before, while and after a node ends. */
const TRIGGERS_AT_ONCE = 24;

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

  const open = (index: number, eventguids: readonly string[]): Subscriber => {
    const cookie = `cookie ${index}`;
    const query = eventguids.flatMap((eventguid) => [
      `event=${encodeURIComponent(eventguid)}`,
      `cookie=${encodeURIComponent(cookie)}`,
    ]);
    const stream = new StockStream(`${world.url}/v1/stream?format=envelope&${query.join('&')}`);
    return { stream, cookie, eventguids };
  };

  /** Triggers so often, each time the next event, at nodes that run. */
  const ring = async (times: number): Promise<void> => {
    const nodes = world.nodes.filter(({ pid }) => pid !== 0);
    const events = [...triggered];
    for (let count = 0; count < times; count++) {
      const [eventguid, sent] = events[count % events.length] ?? ['', []];
      const data = `${sent.length}`;
      sent.push(data);
      await trigger(nodes[count % nodes.length]?.url ?? '', eventguid, { data });
    }
  };

  const received = ({ stream }: Subscriber): Delivered[] =>
    stream.of('message').map(({ data }) => JSON.parse(data) as Delivered);

  const expected = ({ eventguids }: Subscriber): number =>
    eventguids.reduce((sum, eventguid) => sum + (triggered.get(eventguid)?.length ?? 0), 0);

  const untilAllHaveAll = async (): Promise<void> => {
    const isDone = (one: Subscriber): boolean => received(one).length >= expected(one) || !one.stream.isAlive;
    await waitFor(() => subscribers.every(isDone), 'everything at every stream', WITHIN_MS);
    const gone = subscribers.filter(({ stream }) => !stream.isAlive);
    expect(gone.map(({ stream }) => [stream.status, stream.problems])).toEqual([]);
  };

  /** Each envelope once and in the order of its event, with the subscriber's own cookie. */
  const expectExact = (subscriber: Subscriber): void => {
    const deliveries = received(subscriber);
    for (const eventguid of subscriber.eventguids) {
      const its = deliveries.filter((one) => one.eventguid === eventguid).map(({ data }) => data);
      expect([subscriber.cookie, its]).toEqual([subscriber.cookie, triggered.get(eventguid)]);
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
    const list = LIST.map((part) => `${part} of ${rounds}`);
    triggered = new Map([`shared ${rounds}`, ...list].map((eventguid) => [eventguid, []]));
    subscribers = Array.from({ length: SINGLES }, (_, index) => open(index, [`shared ${rounds}`]));
    for (let index = 0; index < LISTS; index++) subscribers.push(open(SINGLES + index, list));
    await waitFor(() => subscribers.every(({ stream }) => stream.opened > 0), 'every stream', WITHIN_MS);
  });
  afterEach(() => {
    for (const { stream } of subscribers) stream.close();
  });

  it('brings the one-shots of all its events to every stream, and then has it stay away', async () => {
    await ring(TRIGGERS_AT_ONCE);
    await untilAllHaveAll();
    for (const [eventguid, sent] of triggered) {
      sent.push('last');
      await trigger(world.node(rounds).url, eventguid, { data: 'last', removeAfterSend: true });
      await trigger(world.url, eventguid, { data: 'to nobody' });
    }
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
    for (const subscriber of subscribers) expectExact(subscriber);
  });
});
