import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StockStream, waitFor } from '@ringback/conformance';
import { describeFubuRows } from '../libs/gateway-fubu/src/testing/fubu-rows.conformance.js';
import { trigger } from './support/http.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { openTopicCluster } from './support/topic-cluster.js';
import { BALANCERS, World } from './support/world.js';

const STREAMS = 60;
const RETRY_MS = 300;
/** The load balancer looks once a second, and sends nobody any more after two. */
const SHUTDOWN_DELAY_MS = 2_500;
const WITHIN_MS = 30_000;
const EVENTS_AT_ONCE = 20;

const TOPICS = [{ name: 'CallsTopic', path: [{ name: 'Team' }], retention: { envelopes: 500 } }];

let redis: RunningRedis;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

describeFubuRows('FubuMVC.ServerSentEvents on three nodes behind haproxy', () => openTopicCluster(redis.url));

describe.each(BALANCERS)('topics at three nodes behind %s with its defaults', (balancer) => {
  let world: World;
  let streams: StockStream[] = [];
  let published: string[] = [];
  let rounds = 0;

  const topic = (): string => `/_events/CallsTopic/team%20${rounds}`;

  /** At the nodes that run in turn: by a POST to the topic, and by a trigger of its event. */
  const publish = async (times: number): Promise<void> => {
    const nodes = world.nodes.filter(({ pid }) => pid !== 0);
    for (let count = 0; count < times; count++) {
      const data = `${published.length}`;
      published.push(data);
      const { url } = nodes[count % nodes.length] ?? world.node(0);
      if (count % 2 === 0) await trigger(url, `_events/calls?Team=team%20${rounds}`, { data });
      else await post(url + topic(), { id: `call-${data}`, event: 'Answered', data });
    }
  };

  const post = async (url: string, event: object): Promise<void> => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event) });
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  };

  const received = (stream: StockStream): readonly string[] => stream.of('message').map(({ data }) => data);

  const untilAllHaveAll = async (): Promise<void> => {
    const isDone = (stream: StockStream): boolean =>
      received(stream).length >= published.length || !stream.isAlive;
    await waitFor(() => streams.every(isDone), 'everything at every stream', WITHIN_MS);
    for (const stream of streams) expect([stream.isAlive, received(stream)]).toEqual([true, published]);
  };

  beforeAll(async () => {
    const env = {
      RINGBACK_FUBU_TOPICS: JSON.stringify(TOPICS),
      RINGBACK_FUBU_RETRY_MS: String(RETRY_MS),
      RINGBACK_SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS),
    };
    world = await World.start({ redisUrl: redis.url, nodes: 3, balancer, env });
  });
  afterAll(() => world.close());
  beforeEach(() => {
    rounds += 1;
    published = [];
    streams = Array.from({ length: STREAMS }, () => new StockStream(world.url + topic()));
  });
  afterEach(() => {
    for (const stream of streams) stream.close();
  });

  it('bring every client everything once, though one node is killed and another stopped', async () => {
    for (const [index, signal] of (['SIGKILL', 'SIGTERM'] as const).entries()) {
      await publish(EVENTS_AT_ONCE);
      const stopping = world.node(index).stop(signal);
      await publish(EVENTS_AT_ONCE);
      await stopping;
      await publish(EVENTS_AT_ONCE);
      await untilAllHaveAll();
    }
    expect(streams.some(({ opened }) => opened > 1)).toBe(true);
    streams.push(new StockStream(world.url + topic()));
    await untilAllHaveAll();
  });
});
