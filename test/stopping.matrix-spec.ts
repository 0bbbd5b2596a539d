import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import type { CloseReason, DeliveryMeta } from '@ringback/contract';
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { EXTENDED_HUB, SignalRClients, WITHIN_MS, type SignalRClient } from './scenarios/signalr-client.js';
import { metric, trigger } from './support/http.js';
import { startOwnRedis, type RestartableRedis } from './support/redis-servers.js';
import { BALANCERS, World, type WorldNode } from './support/world.js';

/** haproxy looks once a second, and sends nobody any more after two; nginx does not look. */
const SHUTDOWN_DELAY_MS = 2_500;
const DRAIN_MS = 1_500;
const TRIGGER_EVERY_MS = 25;
const CLIENTS = 30;
/** How many clients of other nodes have at least to go through the node that stops. */
const FORWARDED = 3;

/** One client of any protocol: what it was told, when it lost its connection, and what it had. */
interface Returning {
  readonly name: string;
  /** Names of the close reasons. */
  readonly told: () => readonly string[];
  readonly losses: () => number;
  readonly data: () => readonly string[];
  /** The node that holds it, where its id says so. */
  readonly nodeId: () => string | undefined;
}

describe.each(BALANCERS)('three nodes behind %s, when one stops that forwards for the others', (balancer) => {
  const eventguid = 'stopping';
  const clients = new SignalRClients();
  const sockets: Socket[] = [];
  let redis: RestartableRedis;
  let world: World;
  let triggered: string[];

  beforeAll(async () => {
    redis = await startOwnRedis();
  });
  afterAll(() => redis.close());

  beforeEach(async () => {
    triggered = [];
    world = await World.start({
      redisUrl: redis.url,
      nodes: 3,
      balancer,
      env: {
        RINGBACK_SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS),
        RINGBACK_DRAIN_MS: String(DRAIN_MS),
      },
    });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.disconnect();
    await clients.close();
    await Promise.all(world.nodes.map((node) => node.stop('SIGKILL'))); // a drain would take its time
    await world.close();
  });

  /** A stock Socket.IO client that comes back by itself, and goes on after the last position that it has seen. */
  async function socketIo(transports: string[]): Promise<Returning> {
    const socket = io(world.url, {
      transports,
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 100,
    });
    sockets.push(socket);
    const [told, data]: [string[], string[]] = [[], []];
    let losses = 0;
    let after: string | undefined;
    const subscribe = async (): Promise<void> => {
      await socket.timeout(WITHIN_MS).emitWithAck('SubscribeToEvent', eventguid, 'c', after ? { after } : {});
    };
    socket.on('HubClose', ({ name }: CloseReason) => told.push(name));
    socket.on('ReceiveEvent', (_guid: string, _cookie: string, text: string, { position }: DeliveryMeta) => {
      data.push(text);
      after = position;
    });
    socket.on('disconnect', () => losses++);
    socket.on('connect', () => void subscribe().catch(() => undefined)); // whoever is cut off again comes back once more
    await waitFor(() => socket.connected, 'a connection', WITHIN_MS);
    await subscribe();
    const upgrades = transports.includes('websocket');
    if (upgrades)
      await waitFor(() => socket.io.engine.transport.name === 'websocket', 'the upgrade', WITHIN_MS);
    const nodeId = (): string | undefined =>
      (socket.io.engine as { id?: string } | undefined)?.id?.split('.')[0];
    return { name: transports.join(), told: () => told, losses: () => losses, data: () => data, nodeId };
  }

  async function signalR(way: { transport: SignalRWay; stateful?: boolean }): Promise<Returning> {
    const client = await clients.connect({ url: world.url, hub: EXTENDED_HUB, reconnects: true, ...way });
    const subscribe = async (): Promise<void> => {
      const after = client.positions(eventguid).at(-1);
      await client.subscribe(eventguid, 'c', after === undefined ? undefined : { after });
    };
    client.connection.onreconnected(() => void subscribe().catch(() => undefined));
    await subscribe();
    return returning(client, Object.values(way).join(' '));
  }

  async function triggerOnce(): Promise<void> {
    const { url } = world.nodes.find(({ pid }) => pid !== 0)!;
    const data = String(triggered.length);
    await trigger(url, eventguid, { data });
    triggered.push(data);
    await pause(TRIGGER_EVERY_MS);
  }

  /** Triggers as long as the work takes, and a little longer. */
  async function triggerDuring(work: Promise<unknown>): Promise<void> {
    const state = { isOver: false };
    const over = work.finally(() => (state.isOver = true));
    while (!state.isOver) await triggerOnce();
    await over;
    for (let more = 0; more < 10; more++) await triggerOnce();
  }

  async function expectWhole(all: readonly Returning[]): Promise<void> {
    const last = triggered.at(-1);
    await waitFor(
      () => all.every(({ data }) => data().at(-1) === last),
      'the last delivery to everybody',
      WITHIN_MS,
    );
    for (const { name, data } of all) expect([name, data()]).toEqual([name, triggered]);
  }

  /** Who lost a connection was told so before, each time. */
  function expectTold(all: readonly Returning[]): void {
    for (const { name, told, losses } of all)
      expect([name, told()]).toEqual([name, Array.from({ length: losses() }, () => 'draining')]);
  }

  async function stop(node: WorldNode): Promise<void> {
    expect(await node.stop()).toBe(0);
  }

  it('every Socket.IO client is told to come back, and has everything', async () => {
    const open = (count: number, transports: string[]): Promise<Returning[]> =>
      Promise.all(Array.from({ length: count }, () => socketIo(transports)));
    const node = world.node(1);
    const all = await open((CLIENTS * 2) / 3, ['polling', 'websocket']);
    // Which clients of other nodes have their WebSocket through this one is chance: as many more come as it takes.
    while ((await metric(node.url, 'ringback_forwarded_links')) < FORWARDED)
      all.push(await socketIo(['polling', 'websocket']));
    all.push(...(await open(CLIENTS / 3, ['polling'])));
    const held = new Set(all.filter(({ nodeId }) => nodeId() === node.nodeId));
    await triggerDuring(stop(node));
    await expectWhole(all);
    expectTold(all);
    for (const { losses } of held) expect(losses()).toBe(1);
    const forwarded = all.filter((one) => !held.has(one) && one.losses() > 0);
    expect(forwarded.length).toBeGreaterThanOrEqual(FORWARDED);
  });

  it('every SignalR client is told to come back, and has everything', async () => {
    const ways = [
      { transport: 'ServerSentEvents' },
      { transport: 'LongPolling' },
      { transport: 'WebSockets', stateful: true },
    ] as const;
    const all: Returning[] = [];
    // One after the other: else the requests of each would be dealt to the same node.
    for (let index = 0; index < CLIENTS; index++) all.push(await signalR(ways[index % 3]!));
    await triggerDuring(stop(world.node(1)));
    await expectWhole(all);
    expectTold(all);
    expect(all.filter(({ losses }) => losses() > 0).length).toBeGreaterThan(CLIENTS / 3);
  });
});

type SignalRWay = 'ServerSentEvents' | 'LongPolling' | 'WebSockets';

function returning(client: SignalRClient, name: string): Returning {
  let losses = 0;
  client.connection.onreconnecting(() => losses++);
  return {
    name,
    told: () => client.closeReasons.map((reason) => reason.name),
    losses: () => losses,
    data: () => client.data('stopping').map(String),
    nodeId: () => undefined,
  };
}
