import { afterEach, describe, expect, it } from '@jest/globals';
import {
  CLOSE_REASONS,
  DEFAULT_LIMITS,
  HubError,
  METHODS,
  parseEventGuid,
  type Limits,
} from '@ringback/contract';
import { describeGateway, waitFor, type ClientDelivery, type GatewayClient } from '@ringback/conformance';
import { Hub, type AccessPolicy, type HubPorts } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import type { Server as HttpServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { connect, type Socket as TcpSocket } from 'node:net';
import type { Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { GatewayTestServer, nextEvent, type GatewayTestOptions } from './testing/gateway-test-server.js';

const SHOP = 'https://shop.example';
const UPGRADE = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const POLLING = '/socket.io/?EIO=4&transport=polling';
const WEBSOCKET = '/socket.io/?EIO=4&transport=websocket';

const PAGE = readFileSync(new URL('../../../docs/protocol/socketio.md', import.meta.url), 'utf8');

/** Each command of a part of the page, and the reply that stands below it. */
function examplesOf(part: string): [command: string, reply: string][] {
  const found = part.matchAll(/^(42\d?\[.*)\n(4[23]1?\[\{?"?(?:ok|HubError)".*)$/gm);
  return [...found].map(([, command = '', reply = '']) => [command, reply]);
}

type Delivered = [eventguid: string, cookie: string, data: string, meta: Record<string, unknown>];

type ClientPresence = GatewayClient['presences'][number];

/** The stock client over the suite's eyes. */
class StockClient implements GatewayClient {
  readonly deliveries: ClientDelivery[] = [];
  readonly presences: ClientPresence[] = [];
  closed = false;
  closedFor: string | undefined;

  constructor(private readonly socket: Socket) {
    socket.on('disconnect', () => (this.closed = true));
    socket.on('HubClose', ({ name }: { readonly name: string }) => (this.closedFor = name));
    socket.on('ReceivePresence', (eventguid: string, presence: ClientPresence['presence']) => {
      this.presences.push({ eventguid, presence });
    });
    socket.on('ReceiveEvent', (...[eventguid, cookie, data, meta]: Delivered) => {
      this.deliveries.push({ eventguid, cookie, data, ...meta });
    });
  }

  subscribe(eventguid: string, cookie: string, options?: object) {
    return this.ask('SubscribeToEvent', eventguid, cookie, ...(options ? [options] : []));
  }

  async unsubscribe(eventguid: string) {
    await this.ask('UnsubscribeFromEvent', eventguid);
  }

  trigger(eventguid: string, data?: unknown, options?: object) {
    if (data === undefined && !options) return this.ask('TriggerEvent', eventguid);
    return this.ask('TriggerEvent', eventguid, data, ...(options ? [options] : []));
  }

  async acknowledge(eventguid: string, position: string) {
    await this.ask('Acknowledge', eventguid, position);
  }

  async close() {
    this.socket.disconnect();
    await waitFor(() => this.closed, 'the end of the connection');
  }

  destroy() {
    this.tcp()?.destroy();
    this.socket.disconnect();
  }

  stall() {
    this.tcp()!.pause();
  }

  sendGarbage() {
    this.socket.io.engine.write('99{"what":');
  }

  private tcp(): TcpSocket | undefined {
    return (this.socket.io.engine.transport as unknown as { ws?: { _socket?: TcpSocket } }).ws?._socket;
  }

  private async ask(...message: [string, ...unknown[]]): Promise<object> {
    const reply = (await this.socket.emitWithAck(...message)) as { ok: boolean; code?: string };
    if (reply.ok) return reply;
    throw Object.assign(new Error(reply.code), reply);
  }
}

const everything = {
  positions: true,
  labels: true,
  recovery: true,
  subscribesAnyTime: true,
  cookies: true,
  changesCookie: true,
  unsubscribes: true,
  endsByCookie: true,
  triggers: true,
  triggerOptions: true,
  codes: true,
  named: true,
  receipts: true,
  presence: true,
  untyped: true,
};

/** Rejects with the code that the hub refused the connection with. */
async function connectedAs(
  served: GatewayTestServer,
  transports: string[],
  identity: object = {},
): Promise<StockClient> {
  const socket = served.client({ transports, auth: { ...identity } });
  const client = new StockClient(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error: Error & { data?: object }) =>
      reject(Object.assign(error, error.data)),
    );
  });
  return client;
}

for (const transports of [['websocket'], ['polling']]) {
  describeGateway(`Socket.IO over ${transports.join()}`, {
    capabilities: everything,
    async serve(hub) {
      const served = await GatewayTestServer.start(hub);
      return {
        connect: async (identity) => {
          const client = await connectedAs(served, transports, identity);
          if (transports[0] === 'polling') Object.assign(client, { stall: undefined });
          return client;
        },
        close: () => served.close(),
      };
    },
  });
}

describe('SocketIoGateway', () => {
  const started: { readonly hub: Hub; readonly served: GatewayTestServer }[] = [];

  async function start(
    limits: Partial<Limits> = {},
    access: AccessPolicy = new OpenAccess(),
    config: GatewayTestOptions = {},
    more: Partial<HubPorts> = {},
  ) {
    const ports = {
      ...new MemoryCluster().node(),
      ...more,
      access,
      clock: new SystemClock(),
      log: new SilentLog(),
      metrics: new CountingMetrics(),
    };
    const options = { nodeId: 'node-1', address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000 };
    const hub = new Hub(ports, { ...options, limits: { ...DEFAULT_LIMITS, ...limits } });
    await hub.start();
    const node = { hub, served: await GatewayTestServer.start(hub, config) };
    started.push(node);
    return node;
  }

  afterEach(async () => {
    for (const { hub, served } of started.splice(0)) {
      await served.close();
      await hub.drain();
    }
  });

  /** Rejects everybody but one, and remembers nothing. */
  class OneToken implements AccessPolicy {
    readonly allows = () => true;

    authenticate({ token }: { readonly token?: string }) {
      if (token === 'secret') return Promise.resolve({ name: 'one' });
      return Promise.reject(new HubError('unauthorized'));
    }
  }

  async function refusalOf(socket: Socket): Promise<unknown> {
    const [error] = (await nextEvent(socket, 'connect_error')) as [{ data?: unknown }];
    return error.data;
  }

  it('answers every command with the shapes of the protocol page', async () => {
    const { served } = await start();
    const client = await served.connected();
    const position = expect.stringMatching(/^[0-9A-Za-z]+:\d+$/);
    const ask = (...message: [string, ...unknown[]]) => client.emitWithAck(...message) as Promise<unknown>;
    expect(await ask('SubscribeToEvent', 'guid', 'row 17')).toEqual({ ok: true, position });
    const delivery = nextEvent(client, 'ReceiveEvent');
    expect(await ask('TriggerEvent', 'guid', { id: 7 })).toEqual({ ok: true, position, subscribers: 1 });
    expect(await delivery).toEqual(['guid', 'row 17', '{"id":7}', { position, time: expect.any(Number) }]);
    expect(await ask('SubscribeToEvent', 'guid', 'endsubscription')).toEqual({ ok: true, removed: true });
    expect(await ask('UnsubscribeFromEvent', 'guid')).toEqual({ ok: true, removed: false });
    expect(await ask('Nonsense')).toEqual({ ok: false, code: 'unknown-method', message: expect.any(String) });
  });

  it.each(
    PAGE.split(/^(?=## )/m)
      .map((section) => ({ title: /^## (.*)/.exec(section)?.[1], section, examples: examplesOf(section) }))
      .filter(({ examples }) => examples.length > 0),
  )(
    'answers the commands of the protocol page, on $title, with the replies that stand there',
    async ({ section, examples }) => {
      const { served } = await start();
      const client = new WebSocket(`ws://127.0.0.1:${served.port}${WEBSOCKET}`);
      const received: string[] = [];
      client.on('message', (data: Buffer) => received.push(data.toString()));
      await waitFor(() => client.readyState === WebSocket.OPEN, 'a connection');
      client.send(/^40.*/m.exec(section)?.[0] ?? '40');
      await waitFor(() => received.some((text) => text.startsWith('40')), 'admission');
      let epoch = 'Zk3x9';
      for (const [command, reply] of examples) {
        // On the page the event has had 41 triggers already.
        client.send(command.replace(/Zk3x9:(\d+)/, (_, offset: string) => `${epoch}:${Number(offset) - 41}`));
        const answer =
          (await waitFor(() => received.find((text) => /^431|HubError/.test(text)), reply)) ?? '';
        received.length = 0;
        epoch = /"position":"(\w+):/.exec(answer)?.[1] ?? epoch;
        expect(answer.replace(/"\w+:(\d+)"/, (_, offset: string) => `"Zk3x9:${Number(offset) + 41}"`)).toBe(
          reply,
        );
      }
      client.terminate();
    },
  );

  it('shows every command, and every reason to close a connection, on the protocol page', () => {
    expect(examplesOf(PAGE)).toHaveLength(16);
    for (const method of Object.values(METHODS)) expect(PAGE).toContain(`| \`${method}(`);
    for (const { code, name } of Object.values(CLOSE_REASONS)) {
      if (name !== 'unauthorized') expect(PAGE).toContain(`| ${code} | \`${name}\` |`);
    }
  });

  it('carries bytes from a stock client as base64', async () => {
    const { served } = await start();
    const client = await served.connected();
    await client.emitWithAck('SubscribeToEvent', 'guid', 'c');
    const delivery = nextEvent(client, 'ReceiveEvent');
    await client.emitWithAck('TriggerEvent', 'guid', Buffer.from([0, 1, 255]));
    const [, , data, meta] = (await delivery) as Delivered;
    expect([data, meta['encoding']]).toEqual(['AAH/', 'base64']);
  });

  it('delivers in order, each once, while a client changes from long polling to WebSocket', async () => {
    const { hub, served } = await start();
    const upgrade = heldUpgrade(served.server);
    const client = await served.connected({ transports: ['polling', 'websocket'] });
    const { engine } = client.io;
    const received: number[] = [];
    client.on('ReceiveEvent', (_eventguid, _cookie, data: string) => received.push(Number(data)));
    await client.emitWithAck('SubscribeToEvent', 'guid', 'c');
    const transports = new Set<string>();
    let sent = 0;
    while (sent < 300 || !transports.has('websocket')) {
      for (let burst = 0; burst < 3; burst++) await triggerAt(hub, String(sent++));
      if (sent === 150) (await upgrade)();
      transports.add(engine.transport.name);
      await new Promise(setImmediate);
    }
    await waitFor(() => received.length >= sent, 'every delivery');
    expect(received).toEqual(Array.from({ length: sent }, (_, index) => index));
    expect([...transports]).toEqual(['polling', 'websocket']);
  });

  it.each([{ transports: ['websocket'] }, { transports: ['polling'] }])(
    'refuses whoever is not authenticated with a code over %j',
    async ({ transports }) => {
      const { hub, served } = await start({}, new OneToken());
      const refused = served.client({ transports, auth: { token: 'wrong' } });
      expect(await refusalOf(refused)).toEqual({ code: 'unauthorized', message: expect.any(String) });
      const { connected } = await served.connected({ transports, auth: { token: 'secret' } });
      expect(connected).toBe(true);
      expect(hub.figures().connections).toBe(1);
    },
  );

  it.each([
    [{ subscriberId: '' }, {}, 'bad-request'],
    [{ subscriberId: 7 }, {}, 'bad-request'],
    [{ subscriberId: 'worker', resume: 'later' }, {}, 'bad-request'],
    [{}, { subscriberId: 'x'.repeat(200) }, 'bad-request'],
    [{ subscriberId: 'another' }, {}, 'forbidden'],
  ])('refuses auth %j and query %j with %s', async (auth, query, code) => {
    const bound = new OpenAccess();
    bound.authenticate = () => Promise.resolve({ name: 'shop', subscriberId: 'worker' });
    const { hub, served } = await start({}, bound);
    const refusal = await refusalOf(served.client({ auth, query }));
    expect(refusal).toEqual({ code, message: expect.any(String) });
    expect(hub.figures().connections).toBe(0);
  });

  it('takes the subscriberId from the query as well, and from a token that is bound to one', async () => {
    const bound = new OpenAccess();
    const { hub, served } = await start({}, bound);
    await served.connected({ query: { subscriberId: 'of query' } });
    bound.authenticate = () => Promise.resolve({ name: 'shop', subscriberId: 'of token' });
    await served.connected();
    for (const subscriber of ['n:anonymous/of query', 'n:shop/of token']) {
      const { operator } = hub;
      const holder = async () =>
        (await operator.session({ name: 'x' }, subscriber).catch(() => undefined))?.holder;
      await waitFor(holder, `the session of ${subscriber}`);
    }
  });

  it('resumes an event only when the client subscribes to it, if it asked for that', async () => {
    const { hub, served } = await start();
    const auth = { subscriberId: 'worker', resume: 'on-subscribe' };
    const first = await served.connected({ auth });
    const { position } = (await first.emitWithAck('SubscribeToEvent', 'guid', 'old')) as { position: string };
    first.disconnect();
    await waitFor(() => hub.figures().connections === 0, 'the end of the connection');
    await triggerAt(hub, 'missed');
    const back = await served.connected({ auth });
    const delivery = nextEvent(back, 'ReceiveEvent');
    const other: unknown[] = [];
    back.on('ReceiveEvent', (eventguid) => other.push(eventguid));
    expect(await back.emitWithAck('TriggerEvent', 'another', '')).toMatchObject({ ok: true });
    expect(other).toEqual([]);
    const reply = (await back.emitWithAck('SubscribeToEvent', 'guid', 'new')) as { resumed?: string };
    expect(reply.resumed).toBe(position);
    expect((await delivery).slice(0, 3)).toEqual(['guid', 'old', 'missed']);
  });

  it('tells who was replaced, for good, and lets who has no session come back', async () => {
    const { sessions, ...node } = new MemoryCluster().node();
    const { served } = await start({}, new OpenAccess(), {}, { ...node, sessions });
    const options = { auth: { subscriberId: 'worker' }, reconnection: true, reconnectionDelay: 1 };
    const older = await served.connected(options);
    const [replaced, how] = [nextEvent(older, 'HubClose'), nextEvent(older, 'disconnect')];
    const newer = await served.connected(options);
    expect(await replaced).toMatchObject([{ code: 4502, name: 'session-taken-over' }]);
    expect([(await how)[0], older.active, newer.connected]).toEqual(['io server disconnect', false, true]);
    sessions.take = () => Promise.reject(new HubError('relay-unavailable'));
    const refused = served.client(options);
    expect(await nextEvent(refused, 'HubClose')).toMatchObject([
      { code: 4004, name: 'session-acquire-failed' },
    ]);
    await nextEvent(refused.io, 'reconnect_attempt');
  });

  it('takes the token from the header and from the query as well', async () => {
    const { served } = await start({}, new OneToken());
    const extraHeaders = { authorization: 'Bearer secret' };
    expect((await served.connected({ extraHeaders })).connected).toBe(true);
    expect((await served.connected({ query: { access_token: 'secret' } })).connected).toBe(true);
  });

  it('refuses namespaces other than / with a code', async () => {
    const { served } = await start();
    const refusal = await refusalOf(served.client({}, '/admin'));
    expect(refusal).toEqual({ code: 'not-found', message: expect.stringContaining('namespace') });
  });

  it('tells a client beyond the limit why it is closed, and that it may come back', async () => {
    const { served } = await start({ connectionsPerNode: 1 });
    await served.connected();
    const second = served.client();
    const [[reason], [how]] = await Promise.all([
      nextEvent(second, 'HubClose'),
      nextEvent(second, 'disconnect'),
    ]);
    expect(reason).toMatchObject({ code: 4003, name: 'too-many-connections' });
    expect(how).toBe('transport close');
  });

  it('lets a stock client come back by itself after a drain', async () => {
    const { hub, served } = await start();
    const client = await served.connected({ reconnection: true, reconnectionDelay: 1 });
    const again = nextEvent(client.io, 'reconnect_attempt');
    const closed = nextEvent(client, 'HubClose');
    await hub.drain();
    expect(await closed).toMatchObject([{ code: 4002, name: 'draining' }]);
    await again;
  });

  it('closes what an operator removes for good', async () => {
    const { hub, served } = await start();
    const client = await served.connected({ reconnection: true, reconnectionDelay: 1 });
    const closed = nextEvent(client, 'HubClose');
    const gone = nextEvent(client, 'disconnect');
    const { operator } = hub;
    expect(await operator.connection({ name: 'x' }, client.id!)).toEqual({
      connectionId: client.id,
      gateway: 'socketio',
      nodeId: 'node-1',
    });
    expect(await operator.connections({ name: 'x' })).toBe(1);
    await operator.disconnect({ name: 'x' }, client.id!);
    expect(await closed).toMatchObject([{ code: 4501, name: 'closed-by-operator' }]);
    expect((await gone)[0]).toBe('io server disconnect');
    expect(client.active).toBe(false);
    expect(hub.figures().connections).toBe(0);
    await expect(operator.disconnect({ name: 'x' }, client.id ?? 'gone')).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('answers a request for a session that is gone with a code, on every transport', async () => {
    const { served } = await start();
    const url = `${served.url}/socket.io/?EIO=4&sid=node-1.gone`;
    const gone = { code: 'transport-session-not-found', message: expect.any(String) };
    for (const method of ['GET', 'POST']) {
      const response = await fetch(`${url}&transport=polling`, { method });
      expect([response.status, await response.json()]).toMatchObject([404, gone]);
    }
    const headers = { connection: 'upgrade', upgrade: 'websocket' };
    const upgrade = await rawRequest(served.port, `${url}&transport=websocket`, headers);
    expect(upgrade).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^]*"code":"transport-session-not-found"/);
  });

  it('names its node in the session id, and leaves other paths to others', async () => {
    const { served } = await start();
    const opened = await (await fetch(`${served.url}/socket.io/?EIO=4&transport=polling`)).text();
    expect(opened).toMatch(/^0\{"sid":"node-1\.[\w-]{20}"/);
    expect(await (await fetch(`${served.url}/elsewhere`)).text()).toBe('of somebody else');
    const response = await fetch(`${served.url}/socket.io/?EIO=4&transport=websocket`);
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'bad-request' }]);
  });

  it.each(['/socket.ioXYZ', '/socket.io/a/b', '/elsewhere'])(
    'refuses an upgrade on %s, which nobody else takes',
    async (path) => {
      const { served } = await start();
      const answer = await rawRequest(served.port, `${path}?EIO=4&transport=websocket`, UPGRADE);
      expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^]*"code":"not-found"/);
    },
  );

  it('reads no session behind a # that Engine.IO does not read either', async () => {
    const { served } = await start();
    const url = '/socket.io/?EIO=4&transport=polling&sid=node-1.gone#&sid=';
    expect(await rawRequest(served.port, url, { connection: 'close' })).toContain(
      '"code":"transport-session-not-found"',
    );
  });

  it('refuses pages of a foreign origin, on every transport', async () => {
    const { hub, served } = await start();
    const polling = `${served.url}${POLLING}`;
    for (const origin of [SHOP, 'null']) {
      const answer = await fetch(polling, { headers: { origin } });
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'forbidden' }]);
      const upgrade = await rawRequest(served.port, WEBSOCKET, { ...UPGRADE, origin });
      expect(upgrade).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*"code":"forbidden"/);
    }
    expect(hub.figures().connections).toBe(0);
  });

  it.each<GatewayTestOptions & { readonly from: string }>([
    { from: 'own' },
    { from: SHOP, origins: [SHOP] },
    { from: SHOP, origins: '*' },
  ])('admits pages of %j', async ({ from, ...config }) => {
    const { served } = await start({}, new OpenAccess(), config);
    const headers = { origin: from === 'own' ? served.url : from };
    expect((await fetch(`${served.url}${POLLING}`, { headers })).status).toBe(200);
    expect((await served.connected({ extraHeaders: headers })).connected).toBe(true);
  });

  it('serves no JSONP, which pages of any origin could read', async () => {
    const { served } = await start({}, new OpenAccess(), { origins: '*' });
    const answer = await fetch(`${served.url}${POLLING}&j=0`);
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'bad-request' }]);
  });

  it('lets pages of a listed origin read why it refuses them, and asks no session of a preflight', async () => {
    const { served } = await start({}, new OpenAccess(), { origins: [SHOP] });
    const headers = { origin: SHOP, 'access-control-request-method': 'POST' };
    const gone = `${served.url}${POLLING}&sid=node-1.gone`;
    for (const [method, status] of [
      ['GET', 404],
      ['OPTIONS', 204],
    ] as const) {
      const answer = await fetch(gone, { method, headers });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe(SHOP);
    }
  });

  it.each(['PUT', 'DELETE', 'HEAD', 'OPTIONS'])(
    'refuses %s on a live session with a code',
    async (method) => {
      const { served } = await start();
      const opened = await (await fetch(`${served.url}${POLLING}`)).text();
      const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
      const answer = await fetch(`${served.url}${POLLING}&sid=${sid}`, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
      if (method !== 'HEAD') expect(await answer.json()).toMatchObject({ code: 'method-not-allowed' });
    },
  );
});

async function triggerAt(hub: Hub, data: string): Promise<void> {
  await hub.trigger({ name: 'x' }, { eventguid: parseEventGuid('guid'), data, removeAfterSend: false });
}

/** Resolves, once a client asks for an upgrade, to what lets it pass. */
function heldUpgrade(server: HttpServer): Promise<() => void> {
  const listeners = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  return new Promise((resolve) => {
    server.once('upgrade', (...upgrade) => {
      resolve(() => {
        for (const listener of listeners) Reflect.apply(listener, server, upgrade);
      });
    });
  });
}

async function rawRequest(port: number, url: string, headers: Record<string, string>): Promise<string> {
  const link = connect(port, '127.0.0.1');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  link.write(`GET ${url.replace(/^http:..[^/]+/, '')} HTTP/1.1\r\nhost: x\r\n${lines.join('\r\n')}\r\n\r\n`);
  let answer = '';
  for await (const chunk of link) answer += String(chunk);
  return answer;
}
