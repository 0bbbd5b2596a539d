import { HttpTransportType, JsonHubProtocol, type HubConnection } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS, HubError, parseEventGuid, type Limits } from '@ringback/contract';
import { Hub, type AccessPolicy } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, RecordingLog, SystemClock } from '@ringback/memory';
import { callsOf, GatewayTestServer, type TestServerOptions } from './testing/gateway-test-server.js';

const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;
const EVENTS = '/MDriven//realtimeEventPushHub';

const WAYS = [
  ['WebSockets, json', WebSockets, new JsonHubProtocol()],
  ['WebSockets, messagepack', WebSockets, new MessagePackHubProtocol()],
  ['ServerSentEvents, json', ServerSentEvents, new JsonHubProtocol()],
  ['LongPolling, json', LongPolling, new JsonHubProtocol()],
  ['LongPolling, messagepack', LongPolling, new MessagePackHubProtocol()],
] as const;

/** Rejects everybody but one. */
class OneToken implements AccessPolicy {
  readonly allows = () => true;

  authenticate({ token }: { readonly token?: string }) {
    if (token === 'secret') return Promise.resolve({ name: 'one' });
    return Promise.reject(new HubError('unauthorized'));
  }
}

describe('SignalRGateway', () => {
  const started: { readonly hub: Hub; readonly served: GatewayTestServer }[] = [];

  afterEach(async () => {
    for (const { hub, served } of started.splice(0)) {
      await served.close();
      await hub.drain();
    }
  });

  async function start(
    options: TestServerOptions = {},
    access: AccessPolicy = new OpenAccess(),
    limits: Partial<Limits> = {},
  ) {
    const metrics = new CountingMetrics();
    const log = new RecordingLog();
    const more = { access, clock: new SystemClock(), log, metrics };
    const about = { nodeId: 'node-1', address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000 };
    const ports = { ...new MemoryCluster().node(), ...more };
    const hub = new Hub(ports, { ...about, limits: { ...DEFAULT_LIMITS, ...limits } });
    await hub.start();
    const node = { hub, log, metrics, served: await GatewayTestServer.start(hub, options) };
    started.push(node);
    return node;
  }

  function ended(client: HubConnection): Promise<string> {
    return new Promise((resolve) => {
      client.onclose((error) => resolve(String(error)));
    });
  }

  it.each(WAYS)('calls ReceiveEvent with three strings over %s', async (_, transport, protocol) => {
    const { served } = await start();
    const client = served.client({ target: EVENTS, transport, protocol });
    const calls = callsOf(client, 'ReceiveEvent');
    await client.start();
    expect(await client.invoke('subscribetoevent', 'guid', 'Viewmodel=X&RootId=1')).toBeNull();
    await client.send('TriggerEvent', 'guid', null, false);
    await client.invoke('TriggerEvent', 'guid', 'data', true);
    await client.invoke('TriggerEvent', 'guid', 'to nobody', false);
    await waitFor(() => calls.length >= 2, 'two deliveries');
    const cookie = 'Viewmodel=X&RootId=1';
    expect(calls).toEqual([
      ['guid', cookie, ''],
      ['guid', cookie, 'data'],
    ]);
  });

  it.each(WAYS)(
    'answers the extended hub and delivers with positions over %s',
    async (_, transport, protocol) => {
      const { served } = await start();
      const client = served.client({ target: '/hub', transport, protocol });
      const calls = callsOf(client, 'ReceiveEventWithMeta');
      await client.start();
      const position = expect.stringMatching(/^[0-9A-Za-z]+:\d+$/);
      expect(await client.invoke('SubscribeToEvent', 'guid', 'c', null)).toEqual({ ok: true, position });
      const reply = await client.invoke('TriggerEvent', 'guid', { id: 7 }, { type: 't', key: 'k' });
      expect(reply).toEqual({ ok: true, position, subscribers: 1 });
      await waitFor(() => calls.length > 0, 'a delivery');
      expect(calls).toEqual([['guid', 'c', '{"id":7}', { position, time: expect.any(Number), type: 't' }]]);
      expect(await client.invoke('UnsubscribeFromEvent', 'guid')).toEqual({ ok: true, removed: true });
    },
  );

  it.each([null, '', '  ', 'EndSubscription'])('ends a subscription by the cookie %j', async (cookie) => {
    const { hub, served } = await start();
    const client = served.client({ target: EVENTS });
    const calls = callsOf(client, 'ReceiveEvent');
    await client.start();
    await client.invoke('SubscribeToEvent', 'guid', 'c');
    await client.invoke('SubscribeToEvent', 'guid', cookie);
    await client.invoke('SubscribeToEvent', 'other', 'c');
    for (const eventguid of ['guid', 'other']) await trigger(hub, eventguid);
    await waitFor(() => calls.length > 0, 'the delivery of the other event');
    expect(calls).toEqual([['other', 'c', 'data']]);
  });

  it('delivers bytes as base64', async () => {
    const { served } = await start();
    const client = served.client({ target: EVENTS, protocol: new MessagePackHubProtocol() });
    const calls = callsOf(client, 'ReceiveEvent');
    await client.start();
    await client.invoke('SubscribeToEvent', 'guid', 'c');
    await client.invoke('TriggerEvent', 'guid', Uint8Array.of(0, 1, 255), false);
    await waitFor(() => calls.length > 0, 'a delivery');
    expect(calls).toEqual([['guid', 'c', 'AAH/']]);
  });

  it('refuses other numbers of arguments, and triggers where they are switched off', async () => {
    const { metrics, served } = await start({ eventHubAllowTrigger: false });
    const client = served.client({ target: EVENTS });
    await client.start();
    await expect(client.invoke('SubscribeToEvent', 'guid')).rejects.toThrow(
      "Failed to invoke 'SubscribeToEvent' due to an error on the server. InvalidDataException: Invocation provides 1 argument(s) but target expects 2.",
    );
    await expect(client.invoke('SubscribeToEvent', 'guid', 'c', null)).rejects.toThrow('provides 3');
    const triggered = client.invoke('TriggerEvent', 'guid', 'data', false);
    await expect(triggered).rejects.toThrow('HubException: forbidden: Triggers are switched off');
    await expect(client.invoke('Acknowledge', 'guid', 'e:1')).rejects.toThrow('Method does not exist');
    expect(metrics.count('failed', 'bad-request')).toBe(3);
  });

  it.each(['/hub', EVENTS])('lets nobody in at %s who has no valid token', async (target) => {
    const { hub, served } = await start({}, new OneToken());
    for (const transport of [WebSockets, LongPolling]) {
      const refused = served.client({ target, transport, token: 'wrong' });
      await expect(refused.start()).rejects.toThrow('401');
    }
    const client = served.client({ target, token: 'secret' });
    await client.start();
    expect(hub.figures().connections).toBe(1);
  });

  it('tells the sender, at the extended hub, what went wrong with a message that it did not wait for', async () => {
    const { served } = await start();
    const extended = served.client({ target: '/hub' });
    const other = served.client({ target: '/hub' });
    const plain = served.client({ target: EVENTS });
    const [notices, others, plains] = [extended, other, plain].map((client) => callsOf(client, 'HubError'));
    for (const client of [extended, other, plain]) await client.start();
    await plain.send('SubscribeToEvent', '', 'cookie');
    await extended.send('subscribetoevent', '', 'cookie', null);
    await waitFor(() => notices?.length === 1);
    expect(notices).toEqual([
      [{ code: 'bad-eventguid', message: 'The eventguid is empty.', method: 'SubscribeToEvent' }],
    ]);
    await expect(extended.invoke('SubscribeToEvent', '', 'cookie', null)).rejects.toThrow('bad-eventguid: ');
    await plain.invoke('SubscribeToEvent', 'guid', 'cookie');
    await other.invoke('SubscribeToEvent', 'guid', 'cookie', null);
    expect([notices?.length, others, plains]).toEqual([1, [], []]);
  });

  it('closes for good on a client whose subscriberId is none, which is no fault of the hub', async () => {
    const { metrics, log, served } = await start();
    const client = served.client({ target: '/hub?subscriberId=' });
    const closed = ended(client);
    const told = await client.start().then(() => closed, String); // it may come before the start is through
    expect(told).toContain('HubException: bad-request: subscriberId is not text');
    expect([metrics.count('failed', 'bad-request'), metrics.count('failed', 'internal')]).toEqual([1, 0]);
    expect(log.at('error')).toEqual([]);
  });

  it('says why it closes for good, and why to come back', async () => {
    const { hub, served } = await start({}, new OpenAccess(), { connectionsPerNode: 2 });
    const [removed, draining] = [served.client({ target: '/hub' }), served.client({ target: '/hub' })];
    const reasons = [removed, draining].map((client) => callsOf(client, 'HubClose'));
    await removed.start();
    await draining.start();
    const third = served.client({ target: '/hub' });
    const full = callsOf(third, 'HubClose');
    await third.start().catch(() => undefined);
    await waitFor(() => full.length > 0, 'a refusal');
    expect(full).toMatchObject([[{ code: 4003, name: 'too-many-connections' }]]);
    const gone = ended(removed);
    await hub.operator.disconnect({ name: 'x' }, removed.connectionId ?? '');
    await gone;
    await hub.drain();
    await waitFor(() => reasons.every(({ length }) => length > 0), 'both reasons');
    expect(reasons).toMatchObject([[[{ code: 4501 }]], [[{ code: 4002 }]]]);
  });

  it('carries the node in its connection tokens, and leaves other paths to others', async () => {
    const { served } = await start();
    for (const path of ['/hub', '/a/REALTIMEEVENTPUSHHUB']) {
      const answer = await fetch(`${served.url}${path}/negotiate?negotiateVersion=1`, { method: 'POST' });
      expect(await answer.json()).toMatchObject({
        connectionId: expect.stringMatching(/^[\w-]{22}$/),
        connectionToken: expect.stringMatching(/^node-1\.[\w-]{22}\.[0-9a-z]+\.[\w-]{43}$/),
      });
    }
    expect(await (await fetch(`${served.url}/elsewhere`)).text()).toBe('of somebody else');
    const lost = served.client({ target: '/elsewhere', transport: WebSockets });
    await expect(lost.start()).rejects.toThrow('404');
  });

  it('refuses pages of a foreign origin', async () => {
    const { served } = await start({ origins: ['https://shop.example'] });
    const answers = [];
    for (const origin of ['https://shop.example', 'https://other.example']) {
      const answer = await fetch(`${served.url}/hub/negotiate`, { method: 'POST', headers: { origin } });
      answers.push([answer.status, answer.headers.get('access-control-allow-origin')]);
    }
    expect(answers).toEqual([
      [200, 'https://shop.example'],
      [403, null],
    ]);
  });
});

async function trigger(hub: Hub, eventguid: string): Promise<void> {
  const said = { eventguid: parseEventGuid(eventguid), data: 'data', removeAfterSend: false };
  await hub.trigger({ name: 'x' }, said);
}
