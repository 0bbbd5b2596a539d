import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS, parseEventGuid, type Limits } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import type { Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { GatewayTestServer, nextEvent } from './testing/gateway-test-server.js';

const limits: Limits = {
  ...DEFAULT_LIMITS,
  dataBytes: 16 * 1024,
  commandsPerConnection: 8,
  outboxBytes: 64 * 1024,
};
const query = '/socket.io/?EIO=4&transport=websocket';

describe('SocketIoGateway among hostile clients', () => {
  let hub: Hub;
  let metrics: CountingMetrics;
  let served: GatewayTestServer;
  let bystander: Socket;
  const raws: WebSocket[] = [];
  const bareSockets: TcpSocket[] = [];

  beforeEach(async () => {
    metrics = new CountingMetrics();
    hub = new Hub(
      {
        ...new MemoryCluster().node(),
        access: new OpenAccess(),
        clock: new SystemClock(),
        log: new SilentLog(),
        metrics,
      },
      { nodeId: 'node-1', address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000, limits },
    );
    await hub.start();
    served = await GatewayTestServer.start(hub);
    bystander = await served.connected();
    await bystander.emitWithAck('SubscribeToEvent', 'guid', 'bystander');
  });

  /** Whoever did what: the others are connected and are delivered their events. */
  afterEach(async () => {
    const delivery = nextEvent(bystander, 'ReceiveEvent');
    await hub.trigger(
      { name: 'x' },
      { eventguid: parseEventGuid('guid'), data: 'still', removeAfterSend: false },
    );
    expect((await delivery).slice(0, 3)).toEqual(['guid', 'bystander', 'still']);
    for (const raw of raws.splice(0)) raw.terminate();
    for (const socket of bareSockets.splice(0)) socket.destroy();
    await served.close();
    await hub.drain();
  });

  /** A client that speaks Engine.IO by hand, admitted to the namespace. */
  async function raw(path = query): Promise<{ ws: WebSocket; received: string[] }> {
    const ws = new WebSocket(`ws://127.0.0.1:${served.port}${path}`);
    raws.push(ws);
    const received: string[] = [];
    ws.on('message', (data: Buffer) => received.push(data.toString()));
    ws.on('error', () => ws.terminate());
    await once(ws, 'open');
    ws.send('40');
    await waitFor(() => received.some((message) => message.startsWith('40')), 'admission');
    return { ws, received };
  }

  async function untilClosed(ws: WebSocket): Promise<void> {
    await waitFor(() => ws.readyState === WebSocket.CLOSED, 'the end of the connection');
    await waitFor(() => hub.figures().connections === 1, 'the bystander alone');
  }

  /** Masked, as clients do, with a mask that changes nothing. */
  const clientFrame = (opcode: number, text = ''): Buffer =>
    Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
  const TEXT = 1;
  const CLOSE = 8;

  /** A client on a bare socket, admitted to the namespace under the answered id, that never closes its half of the socket. */
  async function bare(): Promise<{ readonly socket: TcpSocket; readonly id: string }> {
    const socket = connect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true });
    bareSockets.push(socket);
    const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13';
    const key = `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`;
    socket.write(`GET ${query} HTTP/1.1\r\nhost: a\r\n${upgrade}\r\n${key}\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    await waitFor(() => text.includes('0{'), 'the opening');
    socket.write(clientFrame(TEXT, '40'));
    const id = await waitFor(() => /40\{"sid":"([^"]+)"/.exec(text)?.[1], 'admission');
    return { socket, id: String(id) };
  }

  function countLinks(): Promise<number> {
    return new Promise((resolve, reject) => {
      served.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  it('keeps no link longer than five seconds whose client does not finish the closing, whoever began it', async () => {
    const [leaving, closing, sentAway] = [await bare(), await bare(), await bare()];
    expect(await countLinks()).toBe(4);
    leaving.socket.write(clientFrame(TEXT, '41'));
    closing.socket.write(clientFrame(CLOSE));
    expect(hub.sendAway(sentAway.id)).toBe(true);
    await waitFor(async () => (await countLinks()) === 1, 'the link of the bystander alone', 7_000);
  });

  const bytes = Buffer.from([1, 2, 3]);

  it.each<readonly [method: string, args: readonly unknown[], code: string]>([
    ['SubscribeToEvent', ['guid'], 'bad-request'],
    ['SubscribeToEvent', ['guid', 'c', {}, 'more'], 'bad-request'],
    ['SubscribeToEvent', ['guid', 7], 'bad-request'],
    ['SubscribeToEvent', ['guid', bytes], 'bad-request'],
    ['SubscribeToEvent', [bytes, 'c'], 'bad-request'],
    ['SubscribeToEvent', ['a\u0000b', 'c'], 'bad-eventguid'],
    ['SubscribeToEvent', ['guid', 'c'.repeat(5000)], 'cookie-too-large'],
    ['SubscribeToEvent', ['guid', 'c', JSON.parse('{"__proto__":{"after":"e:1"}}')], 'bad-request'],
    ['SubscribeToEvent', ['guid', 'c', { constructor: 1 }], 'bad-request'],
    ['UnsubscribeFromEvent', [], 'bad-request'],
    ['TriggerEvent', ['guid', 'd', 'yes'], 'bad-request'],
    ['TriggerEvent', ['guid', { deep: [{ bytes }] }], 'bad-request'],
    ['TriggerEvent', ['guid', 'd', { wait: true }], 'bad-request'],
    ['TriggerEvent', ['guid', 'd'.repeat(limits.dataBytes + 1)], 'data-too-large'],
    ['TriggerEvent', ['guid', Buffer.alloc(limits.dataBytes + 1)], 'data-too-large'],
    ['error', ['x'], 'unknown-method'],
    ['toString', [], 'unknown-method'],
    ['ReceiveEvent', ['guid', 'c', 'd', {}], 'unknown-method'],
  ])(
    'refuses %s %p with %3$s, in the reply or else as HubError to that client alone',
    async (method, args, code) => {
      const client = await served.connected();
      const refusal = { code, message: expect.any(String) };
      expect(await client.emitWithAck(method, ...args)).toEqual({ ok: false, ...refusal });
      let overheard = 0;
      bystander.on('HubError', () => overheard++);
      const notice = nextEvent(client, 'HubError');
      client.emit(method, ...args);
      expect(await notice).toEqual([{ ...refusal, method }]);
      expect([overheard, client.connected]).toEqual([0, true]);
    },
  );

  it.each([
    ['no packet of Engine.IO', 'x'],
    ['no packet of Socket.IO', '49'],
    ['broken JSON', '42["TriggerEvent",'],
    ['a raw control character', '42["TriggerEvent","a\u001eb"]'],
    ['an event that is no array', '42{"a":1}'],
    ['a reserved name', '42["disconnect"]'],
    ['a reserved name', '42["newListener"]'],
    ['too many attachments', '4511-["TriggerEvent"]'],
    ['attachments that are no number', '45x-["TriggerEvent"]'],
    ['text where an attachment belongs', '451-["TriggerEvent",{"_placeholder":true,"num":0}]|42["x"]'],
    ['a ping in the wrong direction', '2'],
    ['a second admission', '40'],
    ['the reply of a server', '44{"message":"x"}'],
    ['an event in another namespace', '42/admin,["x"]'],
    ['much more than the limit', `42["TriggerEvent","guid","${'d'.repeat(limits.dataBytes * 10)}"]`],
  ])('closes who sends %s', async (_, messages) => {
    const { ws } = await raw();
    for (const message of messages.split('|')) ws.send(message);
    await untilClosed(ws);
  });

  it('closes who sends bytes that no event announced, or an attachment that is missing', async () => {
    const { ws } = await raw();
    ws.send(Buffer.from([4, 2]));
    await untilClosed(ws);
    const another = await raw();
    another.ws.send('451-["TriggerEvent","guid",{"_placeholder":true,"num":5}]');
    another.ws.send(Buffer.from([1]));
    await untilClosed(another.ws);
  });

  it.each([
    ['42', 'undefined'],
    ['42[5,"guid"]', '5'],
    ['42["__proto__"]', '__proto__'],
    [`42["${'m'.repeat(500)}"]`, 'm'.repeat(64)],
  ])('tells who sends %s that there is no such method', async (message, method) => {
    const { ws, received } = await raw();
    ws.send(message);
    const notice = await waitFor(() => received.find((text) => text.includes('HubError')), 'a HubError');
    expect(JSON.parse(notice!.slice(2))).toMatchObject(['HubError', { code: 'unknown-method', method }]);
  });

  it.each([
    ['with wrong arguments', '42["SubscribeToEvent","","c"]'],
    ['without arguments', '42["SubscribeToEvent"]'],
    ['with wrong arguments, for a reply', '421["SubscribeToEvent","","c"]'],
    ['of no method', '42["Nope"]'],
  ])('closes a client after 100 commands %s', async (_, message) => {
    const { ws, received } = await raw();
    for (let sent = 0; sent < 300; sent++) ws.send(message);
    await untilClosed(ws);
    const refusals = received.filter((text) => text.includes('"code":"'));
    expect(refusals.length).toBeGreaterThanOrEqual(99); // the last one is said by the close
    expect(refusals.length).toBeLessThanOrEqual(100);
    expect(received.some((text) => text.includes('too-many-invalid-commands'))).toBe(true);
  });

  it('takes data at their limit that JSON makes six times as long', async () => {
    const client = await served.connected();
    const data = '\u0001'.repeat(limits.dataBytes);
    expect(await client.emitWithAck('TriggerEvent', 'escaped', data)).toMatchObject({ ok: true });
    expect(await client.emitWithAck('TriggerEvent', 'escaped', `${data}\u0001`)).toMatchObject({
      code: 'data-too-large',
    });
  });

  it('ignores replies that nobody asked for', async () => {
    const { ws, received } = await raw();
    ws.send('4399["x"]');
    ws.send('421["UnsubscribeFromEvent","guid"]');
    expect(await waitFor(() => received.find((text) => text.startsWith('431')))).toBe(
      '431[{"ok":true,"removed":false}]',
    );
  });

  it('admits one client per transport, however often it asks', async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${served.port}${query}`);
    raws.push(ws);
    await once(ws, 'open');
    for (let attempt = 0; attempt < 50; attempt++) ws.send('40');
    await waitFor(() => hub.figures().connections !== 1 || ws.readyState === WebSocket.CLOSED, 'an end');
    expect(hub.figures().connections).toBeLessThanOrEqual(2);
    await untilClosed(ws);
  });

  it('closes the transport of a client that leaves the namespace', async () => {
    const { ws } = await raw();
    ws.send('41');
    await untilClosed(ws);
  });

  it('begins no more commands than the limit until they are answered, and refuses none', async () => {
    const answers: (() => void)[] = [];
    const subscribe = jest.spyOn(hub, 'trigger').mockImplementation(async () => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return { position: { epoch: 'e', offset: 0 }, subscribers: 0, nodes: 0 };
    });
    const client = await served.connected();
    const sent = Array.from({ length: 3 * limits.commandsPerConnection }, () =>
      client.emitWithAck('TriggerEvent', 'guid', 'd'),
    );
    await waitFor(() => answers.length >= limits.commandsPerConnection, 'the first commands');
    await waitFor(() => metrics.count('paused', 'window') === 1, 'the pause');
    expect(answers).toHaveLength(limits.commandsPerConnection);
    while (answers.length < sent.length) {
      answers.at(-1)?.();
      for (const answer of answers) answer();
      await new Promise(setImmediate);
    }
    for (const answer of answers) answer();
    for (const reply of await Promise.all(sent)) expect(reply).toMatchObject({ ok: true });
    expect(metrics.count('resumed', 'window')).toBe(metrics.count('paused', 'window'));
    subscribe.mockRestore();
  });

  // Each message makes the server answer; none of the answers is read.
  it.each([
    ['commands', (ws: WebSocket) => ws.send('429["Nonsense"]')],
    ['commands without a reply', (ws: WebSocket) => ws.send('42["Nonsense"]')],
    ['refused namespaces', (ws: WebSocket) => ws.send('40/nowhere,')],
  ])(
    'closes a client that floods %s and does not read',
    async (_, send) => {
      const { ws } = await raw();
      const tcp = (ws as unknown as { _socket: TcpSocket })._socket;
      tcp.pause();
      // A socket that is paused does not see its end: what it cannot write any more tells.
      tcp.on('error', () => ws.terminate());
      let sent = 0;
      while (hub.figures().connections > 1 && sent < 2_000_000) {
        for (let burst = 0; burst < 2_000; burst++) send(ws);
        sent += 2_000;
        await new Promise(setImmediate);
        expect(hub.figures().outboxBytes).toBeLessThan(limits.outboxBytes * 20);
      }
      await waitFor(() => hub.figures().connections === 1, 'the end of the flood');
    },
    30_000,
  );

  it('closes a client that goes on sending pings and does not read', async () => {
    const { ws } = await raw();
    ws.send('421["SubscribeToEvent","fill","c"]');
    await waitFor(() => hub.figures().subscriptions === 2, 'the subscription');
    const tcp = (ws as unknown as { _socket: TcpSocket })._socket;
    tcp.on('error', () => ws.terminate()).pause();
    const trigger = { eventguid: parseEventGuid('fill'), data: 'd'.repeat(8_192), removeAfterSend: false };
    for (let sent = 0; sent < 100_000 && hub.figures().connections > 1; sent++) {
      // So many bytes are less than the limit: the pongs go beyond it.
      if (hub.figures().outboxBytes === 0) await hub.trigger({ name: 'x' }, trigger);
      ws.ping('p'.repeat(125));
      await new Promise(setImmediate);
    }
    expect(hub.figures().connections).toBe(1);
  }, 30_000);

  it('answers the last ping of those that come at once, whether the client is in the namespace or not', async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${served.port}${query}`);
    raws.push(ws);
    const pongs: string[] = [];
    ws.on('pong', (data: Buffer) => pongs.push(data.toString()));
    await once(ws, 'open');
    for (const last of ['before', 'after']) {
      for (let sent = 0; sent < 5_000; sent++) ws.ping();
      ws.ping(last);
      await waitFor(() => pongs.at(-1) === last, 'the last pong');
      ws.send('40');
    }
    expect(pongs.length).toBeLessThan(1_000);
  });

  it('closes at once, without a closing handshake, who does not read its deliveries', async () => {
    const { ws } = await raw();
    ws.send('421["SubscribeToEvent","flood","c"]');
    await waitFor(() => hub.figures().subscriptions === 2, 'the subscription');
    (ws as unknown as { _socket: TcpSocket })._socket.pause();
    const trigger = {
      eventguid: parseEventGuid('flood'),
      data: 'd'.repeat(limits.dataBytes),
      removeAfterSend: false,
    };
    for (let sent = 0; sent < 2_000 && hub.figures().connections > 1; sent++) {
      await hub.trigger({ name: 'x' }, trigger);
      await new Promise(setImmediate);
    }
    expect(hub.figures().connections).toBe(1);
    await waitFor(() => hub.figures().outboxBytes === 0, 'an empty outbox');
  }, 30_000);

  it('closes who polls no more while events arrive for it', async () => {
    const poll = `${served.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(poll)).text()).slice(1)) as { sid: string };
    const post = (body: string) => fetch(`${poll}&sid=${sid}`, { method: 'POST', body });
    await post('40');
    await fetch(`${poll}&sid=${sid}`);
    await post('421["SubscribeToEvent","flood","c"]');
    await waitFor(() => hub.figures().subscriptions === 2, 'the subscription');
    const trigger = {
      eventguid: parseEventGuid('flood'),
      data: 'd'.repeat(limits.dataBytes),
      removeAfterSend: false,
    };
    for (let sent = 0; sent < 20; sent++) {
      await hub.trigger({ name: 'x' }, trigger);
      await new Promise(setImmediate);
    }
    await waitFor(() => hub.figures().connections === 1, 'the end of the connection');
    const gone = await post('42["x"]');
    expect([gone.status, await gone.json()]).toMatchObject([404, { code: 'transport-session-not-found' }]);
  });
});
