import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { BrowserStreams } from './support/browser-streams.js';
import { Chromium, type BrowserPage } from './support/chromium.js';
import { EDGE_HUB_ENV } from './support/edge-hub-env.js';
import { Edge } from './support/edge.js';
import { trigger } from './support/http.js';
import { PageServer } from './support/page-server.js';
import { startRedis } from './support/redis-servers.js';
import { RequestRecorder } from './support/request-recorder.js';
import { RungEvents } from './support/rung-events.js';
import {
  eventsOf,
  expectAll,
  plansOf,
  SAFE_ID,
  streamUrl,
  type StreamPlan,
} from './support/stream-subscribers.js';
import { World } from './support/world.js';

const SIZES = [
  { events: 1, streams: 20 },
  { events: 11, streams: 8 },
  { events: 12, streams: 2 },
  { events: 20, streams: 2 },
];

/** Browsers open six connections to a host over HTTP/1.1; one is left for what is no stream. */
const STREAMS_OF_A_HOST = 5;
const MOST_OVER_HTTP1 = 6;

/** So many triggers each before, while and after something ends: more than there are events. */
const AT_ONCE = 48;

const HISTORY = 100;
const WITHIN_MS = 30_000;

const ENV = {
  ...EDGE_HUB_ENV,
  RINGBACK_SSE_RETRY_MS: '300',
  RINGBACK_SHUTDOWN_DELAY_MS: '2500', // haproxy looks once a second, and sends nobody any more after two
  RINGBACK_HISTORY_ENVELOPES: String(HISTORY),
};

describe.each(['haproxy', 'nginx'] as const)(
  'the EventSource of Chromium, through %s at three nodes',
  (name) => {
    /** What has been started, even if what comes after it could not be. */
    const closing: (() => Promise<unknown>)[] = [];
    /** The same, of one test. */
    const closingPage: (() => Promise<unknown>)[] = [];
    let pages: PageServer;
    let chromium: Chromium;
    let world: World;
    let edge: Edge;
    let recorder: RequestRecorder;
    let page: BrowserPage;
    let streams: BrowserStreams;
    let rounds = 0;

    beforeAll(async () => {
      const redis = await startRedis();
      closing.push(() => redis.close());
      pages = await PageServer.start();
      closing.push(() => pages.close());
      const env = { ...ENV, RINGBACK_CORS_ORIGINS: pages.origin };
      world = await World.start({ redisUrl: redis.url, nodes: 3, balancers: 0, env });
      closing.push(() => world.close());
      edge = await Edge.start(name, world);
      closing.push(() => edge.close());
      recorder = await RequestRecorder.start(edge.plain);
      closing.push(() => recorder.close());
      chromium = await Chromium.start();
      closing.push(() => chromium.close());
    });
    afterAll(async () => {
      for (const close of closing.splice(0).toReversed()) await close();
    });
    beforeEach(async () => {
      for (const node of world.nodes) if (node.pid === 0) await node.start();
      rounds += 1;
      recorder.requests.length = 0;
      page = await chromium.open(pages.origin);
      closingPage.push(() => page.close());
      streams = await BrowserStreams.in(page);
    });
    afterEach(async () => {
      for (const close of closingPage.splice(0)) await close();
    });

    /** Under several names, so that there is a connection for each stream. */
    const hostOf = (index: number): string =>
      `http://s${Math.floor(index / STREAMS_OF_A_HOST)}.localhost:${recorder.port}`;

    const untilOpened = (count: number): Promise<unknown> =>
      waitFor(
        async () => (await streams.counts()).filter(({ opened }) => opened > 0).length === count,
        `${count} open streams`,
        WITHIN_MS,
      );

    const openAll = async (
      sizes = SIZES,
      hubOf = hostOf,
    ): Promise<{ plans: readonly StreamPlan[]; rung: RungEvents }> => {
      const plans = plansOf(sizes, rounds);
      await streams.open(await Promise.all(plans.map((plan, index) => streamUrl(hubOf(index), plan))));
      await untilOpened(plans.length);
      return { plans, rung: new RungEvents(world, eventsOf(plans)) };
    };

    const untilAllHaveAll = async (plans: readonly StreamPlan[], rung: RungEvents): Promise<void> => {
      const isDone = async (): Promise<boolean> => {
        const counts = await streams.counts();
        return plans.every(({ eventguids }, index) => counts[index]!.messages >= rung.countOf(eventguids));
      };
      await waitFor(isDone, 'everything at every stream', WITHIN_MS);
    };

    const expectExact = async (plans: readonly StreamPlan[], rung: RungEvents): Promise<void> => {
      const contents = await streams.contents();
      for (const [index, plan] of plans.entries()) {
        expectAll(plan, contents[index]!.messages, rung);
        expect(contents[index]!.resets).toEqual([]);
      }
    };

    const stop = async (index: number, signal: NodeJS.Signals, rung: RungEvents): Promise<void> => {
      const stopping = world.node(index).stop(signal);
      await rung.ring(AT_ONCE);
      await stopping;
      await rung.ring(AT_ONCE);
    };

    /** All that the old workers held has to come back by the new ones. */
    const reload = async (rung: RungEvents): Promise<void> => {
      const older = await edge.reload();
      await rung.ring(AT_ONCE);
      for (const worker of older) process.kill(worker, 'SIGTERM');
      await rung.ring(AT_ONCE);
    };

    it('brings everything once over a kill, a drain and reloads, and asks nobody for permission', async () => {
      const { plans, rung } = await openAll();
      const disturbances = [
        () => stop(0, 'SIGKILL', rung),
        () => reload(rung),
        () => stop(1, 'SIGTERM', rung),
        () => Promise.resolve(recorder.cut()),
      ];
      for (const disturb of disturbances) {
        const before = recorder.requests.length;
        await rung.ring(AT_ONCE);
        await disturb();
        await rung.ring(AT_ONCE);
        await untilAllHaveAll(plans, rung);
        await waitFor(() => recorder.requests.length > before, 'streams that come back', WITHIN_MS);
      }
      await expectExact(plans, rung);

      const ids = recorder.requests.flatMap(({ headers }) => headers.get('last-event-id') ?? []);
      expect(ids).toHaveLength(recorder.requests.length - plans.length);
      expect(ids.filter((id) => !SAFE_ID.test(id))).toEqual([]);
      expect(new Set(ids.map((id) => id[0]))).toEqual(new Set(['1', '2', '3']));
      expect(new Set(recorder.requests.map(({ headers }) => headers.get('origin')))).toEqual(
        new Set([pages.origin]),
      );
      expect(new Set(recorder.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
      // A request that needs permission would have been seen to ask for it.
      await page.evaluate(
        `fetch('${hostOf(99)}/v1/nodes', { headers: { 'X-Other': '1' } }).then(() => '', String)`,
      );
      expect(recorder.requests.map(({ method }) => method)).toContain('OPTIONS');
    });

    it('stays away for good once the one-shots of all its events have come', async () => {
      const { plans, rung } = await openAll();
      await rung.ring(AT_ONCE);
      await rung.ringForTheLastTime();
      const areOver = async (): Promise<boolean> => (await streams.counts()).every(({ isAlive }) => !isAlive);
      await waitFor(areOver, 'the end of all', WITHIN_MS);
      await expectExact(plans, rung);
      const last = new Map(
        recorder.requests.map(({ path, headers }) => [path, headers.get('last-event-id')]),
      );
      expect([...last.values()].filter((id) => !id?.startsWith('0.') && !id?.includes('_'))).toEqual([]);
    });

    it('recovers what was triggered while it was offline, and says so where it was too much', async () => {
      const { plans, rung } = await openAll([{ events: 1, streams: 5 }]);
      const [{ eventguids: [eventguid = ''] } = { eventguids: [] }] = plans;
      await rung.ring(AT_ONCE);
      await untilAllHaveAll(plans, rung);
      await page.setOffline(true);
      recorder.cut();
      await rung.ring(AT_ONCE);
      await page.setOffline(false);
      await untilAllHaveAll(plans, rung);
      await expectExact(plans, rung);

      await page.setOffline(true);
      recorder.cut();
      for (let count = 0; count <= 2 * HISTORY; count++) await trigger(world.node(0).url, eventguid);
      await page.setOffline(false);
      await waitFor(
        async () => (await streams.counts()).every(({ resets }) => resets === 1),
        'the word of it at every stream',
        WITHIN_MS,
      );
      for (const { resets } of await streams.contents())
        expect(JSON.parse(resets[0] ?? '')).toMatchObject({ eventguid });
    });

    it('has more than six streams of one host at once over HTTP/2, and six over HTTP/1.1', async () => {
      const count = 4 * MOST_OVER_HTTP1;
      const { plans, rung } = await openAll([{ events: 1, streams: count }], () => edge.tls);
      await rung.ring(AT_ONCE);
      await untilAllHaveAll(plans, rung);
      await stop(2, 'SIGKILL', rung);
      await untilAllHaveAll(plans, rung);
      await expectExact(plans, rung);
      expect(page.protocols.filter((protocol) => protocol !== 'http/1.1' && protocol !== 'h2')).toEqual([]);
      expect(page.protocols.filter((protocol) => protocol === 'h2').length).toBeGreaterThanOrEqual(count);

      const plain = plansOf([{ events: 1, streams: count }], ++rounds);
      await streams.open(await Promise.all(plain.map((plan) => streamUrl(edge.plain, plan))));
      await untilOpened(count + MOST_OVER_HTTP1);
      await trigger(world.node(0).url, plain[0]!.eventguids[0]!);
      const receivers = async (): Promise<number> =>
        (await streams.counts()).slice(count).filter(({ messages }) => messages > 0).length;
      await waitFor(async () => (await receivers()) === MOST_OVER_HTTP1, 'the delivery', WITHIN_MS);
      await untilOpened(count + MOST_OVER_HTTP1);
    });
  },
);
