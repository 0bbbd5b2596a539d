import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { createHmac, randomUUID } from 'node:crypto';
import { AgentProcess, type ShownTicket } from './support/agent-process.js';
import { HandlerService, type HandlerCall } from './support/handler-service.js';
import { storedSubscribers, subscriptions, trigger } from './support/http.js';
import { startOwnRedis, type RestartableRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

const SOON_MS = 20_000;
const SECRET = 'a secret of both';
const QUEUE = { concurrency: 4, attempts: 5, minDelayMs: 50, maxDelayMs: 200 };
/** An agent that is killed is missed after so long. */
const LEASE_MS = '2000';

let redis: RestartableRedis;
let world: World;
let service: HandlerService;
const agents: AgentProcess[] = [];
/** Of the agents of a test. */
let prefix = randomUUID();
let subscriberId = randomUUID();

beforeAll(async () => {
  redis = await startOwnRedis();
  world = await World.start({ redisUrl: redis.url, nodes: 2 });
  service = await HandlerService.start();
});

afterAll(async () => {
  await closeAgents();
  await service.close();
  await world.close();
  await redis.close();
});

async function closeAgents(): Promise<void> {
  await Promise.all(agents.splice(0).map((agent) => agent.close()));
}

beforeEach(() => {
  service.forget();
  [prefix, subscriberId] = [randomUUID(), randomUUID()];
});

async function makeAgent(): Promise<AgentProcess> {
  const env = {
    REDIS_URL: redis.url,
    RINGBACK_REDIS_PREFIX: prefix,
    HANDLER_SECRET: SECRET,
    RINGBACK_AGENT_LEASE_MS: LEASE_MS,
  };
  const agent = await AgentProcess.make(env);
  agents.push(agent);
  return agent;
}

/** An agent of the world's cluster whose ViewModel `Run` calls the service. */
function config(wanted: readonly { eventguid: string; cookie: string }[], handlers: object = runHandler()) {
  const hub = { name: 'main', url: world.url, subscriberId, subscriptions: wanted };
  return { hubs: [hub], handlers, queue: QUEUE };
}

function runHandler(): object {
  return {
    Run: { url: `${service.url}/run/{ViewModel}/{RootId}?at={eventguid}`, secret: '$HANDLER_SECRET' },
  };
}

async function startAgent(eventguid: string, cookie = 'Viewmodel=Run&RootId=7'): Promise<AgentProcess> {
  const agent = await makeAgent();
  await agent.start(config([{ eventguid, cookie }]));
  await waitFor(() => agent.isSubscribed(eventguid), 'the subscription', SOON_MS);
  return agent;
}

async function triggerMany(eventguid: string, count: number): Promise<void> {
  for (let at = 1; at <= count; at++) await trigger(world.url, eventguid, { data: String(at) });
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at + 1));
const dataOf = (items: readonly { readonly data: string }[]): string[] =>
  items.map(({ data }) => data).toSorted((one, other) => Number(one) - Number(other));
const bodies = (): { data: string }[] =>
  service.calls.map(({ body }) => JSON.parse(body) as { data: string });

describe('an agent that goes on running', () => {
  const cookie = 'Viewmodel=Run&RootId=7';
  const configured = {
    signed: { eventguid: randomUUID(), cookie: 'viewmodel=Run&ROOTID=42!17%20/x' },
    flaky: { eventguid: randomUUID(), cookie },
    broken: { eventguid: randomUUID(), cookie: 'no pairs at all' },
    sound: { eventguid: randomUUID(), cookie },
    again: { eventguid: randomUUID(), cookie },
  };
  const atModel = { eventguid: randomUUID(), cookie };
  let agent: AgentProcess;

  beforeAll(async () => {
    const { hubs, handlers } = config(Object.values(configured));
    const model = { name: 'model', kind: 'signalr', url: world.url, subscriptions: [atModel] };
    const fetchPdf = { url: `${service.url}/fetch/{RootId}?document={eventguid}` };
    agent = await makeAgent();
    await agent.start({
      hubs: [...hubs, model],
      handlers: { ...handlers, FetchPdf: fetchPdf },
      queue: QUEUE,
    });
    const guids = [...Object.values(configured), atModel].map(({ eventguid }) => eventguid);
    await waitFor(
      async () => (await Promise.all(guids.map((guid) => agent.isSubscribed(guid)))).every(Boolean),
      'the subscriptions',
      SOON_MS,
    );
  });

  afterAll(closeAgents);

  const ticketsOf = async (state: string, eventguid: string): Promise<readonly ShownTicket[]> =>
    (await agent.tickets(`state=${state}`)).filter((ticket) => ticket.eventguid === eventguid);
  const callsOf = (eventguid: string): readonly HandlerCall[] =>
    service.calls.filter(({ path }) => path.endsWith(`=${eventguid}`));
  const isHeld = async (guid: string): Promise<boolean> => (await storedSubscribers(world.url, guid)) === 1;

  it('turns a delivery into a ticket and has the handler of its ViewModel called, signed', async () => {
    const { eventguid } = configured.signed;
    await trigger(world.url, eventguid, { data: 'open' });
    const call = (await waitFor(() => callsOf(eventguid)[0], 'the call', SOON_MS))!;
    expect(call).toMatchObject({ method: 'POST', path: `/run/Run/42!17%2520%2Fx?at=${eventguid}` });
    const timestamp = String(call.headers['ringback-timestamp']);
    const digest = createHmac('sha256', SECRET).update(`${timestamp}.${call.body}`).digest('hex');
    expect(call.headers['ringback-signature']).toBe(`v1=${digest}`);
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
    const done = await waitFor(async () => (await ticketsOf('done', eventguid))[0], 'the receipt', SOON_MS);
    expect(done).toMatchObject({ ViewModel: 'Run', RootId: '42!17%20/x', Error: null, data: 'open' });
    expect(call.headers['ringback-ticket']).toBe(done?.id);
  });

  it('calls a handler again that fails twice, until it succeeds', async () => {
    const { eventguid } = configured.flaky;
    service.verdict = () => (callsOf(eventguid).length <= 2 ? 503 : 204);
    await trigger(world.url, eventguid);
    const done = await waitFor(async () => (await ticketsOf('done', eventguid))[0], 'the end', SOON_MS);
    expect(callsOf(eventguid)).toHaveLength(3);
    expect(new Set(callsOf(eventguid).map(({ headers }) => headers['ringback-ticket'])).size).toBe(1);
    expect(done).toMatchObject({ attempts: 3, Error: null });
  });

  it('puts the Error on the ticket of a cookie that says nothing, and goes on', async () => {
    const { broken, sound } = configured;
    await trigger(world.url, broken.eventguid);
    await trigger(world.url, sound.eventguid);
    const failed = await waitFor(
      async () => (await ticketsOf('failed', broken.eventguid))[0],
      'the failure',
      SOON_MS,
    );
    expect(failed?.Error).toBe('The cookie names no ViewModel.');
    await waitFor(async () => (await ticketsOf('done', sound.eventguid)).length === 1, 'the other', SOON_MS);
  });

  it('runs the view model of a converted document once it is ready, which fetches it by REST', async () => {
    const fetched: string[] = [];
    const documents = new Map<string, string>();
    service.verdict = ({ path }) => {
      fetched.push(documents.get(new URL(path, service.url).searchParams.get('document') ?? '') ?? 'nothing');
      return 204;
    };

    const eventguid = randomUUID();
    const wanted = { cookie: 'Viewmodel=FetchPdf&RootId=4711' };
    const put = await agent.send('PUT', `/subscriptions/main/${eventguid}`, wanted);
    expect([put.status, await put.json()]).toMatchObject([200, { state: 'active', ...wanted }]);
    documents.set(eventguid, '%PDF-1.7');
    expect(await trigger(world.url, eventguid, { removeAfterSend: true })).toMatchObject({ subscribers: 1 });

    await waitFor(() => fetched.length > 0, 'the call', SOON_MS);
    expect(fetched).toEqual(['%PDF-1.7']);
    await waitFor(async () => !(await agent.isSubscribed(eventguid)), 'the end', SOON_MS);
    await waitFor(async () => (await subscriptions(world.url, eventguid)).length === 0, 'the hub', SOON_MS);
    expect(await trigger(world.url, eventguid)).toMatchObject({ subscribers: 0 });
  });

  it('ends a subscription by an empty cookie, and gives it back at the hub', async () => {
    const eventguid = `${randomUUID()}/invoice`;
    const path = `/subscriptions?hub=main&eventguid=${eventguid}`;
    expect((await agent.send('PUT', path, { cookie: 'Viewmodel=Run&RootId=1' })).status).toBe(200);
    expect(await storedSubscribers(world.url, eventguid)).toBe(1);
    expect((await agent.send('PUT', path, { cookie: 'EndSubscription' })).status).toBe(204);
    expect(await storedSubscribers(world.url, eventguid)).toBe(0);
    expect((await agent.send('DELETE', path)).status).toBe(404);
  });

  it('subscribes again to what its configuration wants after a one-shot', async () => {
    const { eventguid } = configured.again;
    await trigger(world.url, eventguid, { data: '1', removeAfterSend: true });
    await waitFor(() => isHeld(eventguid), 'again', SOON_MS);
    await waitFor(() => callsOf(eventguid).length === 1, 'the first', SOON_MS);
    await trigger(world.url, eventguid, { data: '2' });
    await waitFor(async () => (await ticketsOf('done', eventguid)).length === 2, 'both', SOON_MS);
  });

  it('makes tickets of deliveries of an event hub of three texts, and ends subscriptions there', async () => {
    const { eventguid } = atModel;
    const fresh = randomUUID();
    await waitFor(() => agent.isConnected('model'), 'the connection', SOON_MS);
    const put = await agent.send('PUT', `/subscriptions/model/${fresh}`, { cookie, once: true });
    expect(put.status).toBe(200);
    await waitFor(() => isHeld(eventguid), 'the configured one', SOON_MS);
    await waitFor(() => isHeld(fresh), 'the other', SOON_MS);
    await trigger(world.url, eventguid, { data: '1' });
    await trigger(world.url, eventguid, { data: '1' });
    await trigger(world.url, fresh, { data: '2' });
    const done = async (): Promise<readonly ShownTicket[]> => [
      ...(await ticketsOf('done', eventguid)),
      ...(await ticketsOf('done', fresh)),
    ];
    await waitFor(async () => (await done()).length === 3, 'the tickets', SOON_MS);
    expect(dataOf(await done())).toEqual(['1', '1', '2']);
    await waitFor(async () => !(await isHeld(fresh)), 'the end', SOON_MS);
  });
});

describe('an agent that ends', () => {
  afterEach(closeAgents);

  it('makes a ticket of each event that came while it was killed, each once', async () => {
    const eventguid = randomUUID();
    const agent = await startAgent(eventguid);
    await agent.stop('SIGKILL');
    await triggerMany(eventguid, 20);
    await agent.start(config([{ eventguid, cookie: 'Viewmodel=Run&RootId=7' }]));
    await waitFor(async () => (await agent.tickets('state=done')).length === 20, 'all', 2 * SOON_MS);
    expect(dataOf(await agent.tickets())).toEqual(numbers(20));
    expect(dataOf(bodies())).toEqual(numbers(20));
  });

  it('makes no ticket twice when it is killed at its work, again and again', async () => {
    const eventguid = randomUUID();
    const agent = await startAgent(eventguid);
    for (let round = 0; round < 2; round++) {
      const killed = waitFor(() => service.calls.length > round * 3, 'a call', SOON_MS).then(() =>
        agent.stop('SIGKILL'),
      );
      for (let at = 1; at <= 10; at++) await trigger(world.url, eventguid, { data: String(round * 10 + at) });
      await killed;
      await agent.start(config([{ eventguid, cookie: 'Viewmodel=Run&RootId=7' }]));
    }
    await waitFor(async () => (await agent.tickets('state=done')).length === 20, 'all', 3 * SOON_MS);
    expect(dataOf(await agent.tickets())).toEqual(numbers(20));
    const called = new Set(bodies().map(({ data }) => data));
    expect(called.size).toBe(20);
  });

  it('acknowledges nothing that it could not store', async () => {
    const eventguid = randomUUID();
    const wanted = config([{ eventguid, cookie: 'Viewmodel=Run&RootId=7' }]);
    const agent = await makeAgent();
    await agent.start(wanted, { RINGBACK_AGENT_MAX_TICKETS: '1' });
    await waitFor(() => agent.isSubscribed(eventguid), 'the subscription', SOON_MS);
    service.verdict = () => new Promise(() => undefined);
    await triggerMany(eventguid, 3);
    const failed = 'ringback_agent_deliveries_total{hub="main",result="failed"}';
    await waitFor(async () => (await agent.metric(failed)) > 1, 'the refusal', SOON_MS);
    expect(await agent.tickets()).toHaveLength(1);

    await agent.stop('SIGKILL');
    service.verdict = () => 204;
    await agent.start(wanted);
    await waitFor(async () => (await agent.tickets('state=done')).length === 3, 'all', 3 * SOON_MS);
    expect(dataOf(await agent.tickets())).toEqual(numbers(3));
  });

  it('lists an unknown ViewModel with its Error, and carries it out when the configuration is corrected', async () => {
    const eventguid = randomUUID();
    const cookie = 'Viewmodel=Later&RootId=7';
    const agent = await startAgent(eventguid, cookie);
    await trigger(world.url, eventguid, { data: 'x' });
    const failed = await waitFor(
      async () => (await agent.tickets('state=failed'))[0],
      'the failure',
      SOON_MS,
    );
    expect(failed).toMatchObject({
      ViewModel: 'Later',
      Error: 'The ViewModel "Later" is unknown.',
      attempts: 1,
    });

    await agent.stop();
    await agent.start(config([{ eventguid, cookie }], { Later: { url: `${service.url}/later` } }));
    expect((await agent.send('POST', `/tickets/${failed?.id}/retry`)).status).toBe(202);
    await waitFor(async () => (await agent.tickets('state=done')).length === 1, 'the end', SOON_MS);
    expect(service.calls.map(({ path }) => path)).toEqual(['/later']);
  });

  it('ends with 0 on SIGTERM, after the handler that runs has ended', async () => {
    const eventguid = randomUUID();
    const agent = await startAgent(eventguid);
    let release: () => void = () => undefined;
    service.verdict = () =>
      new Promise((resolve) => {
        release = () => resolve(204);
      });
    await trigger(world.url, eventguid);
    await waitFor(() => service.calls.length === 1, 'the call', SOON_MS);
    const stopped = agent.stop();
    await waitFor(async () => (await fetch(`${agent.url}/health/ready`)).status === 503, 'draining');
    release();
    expect(await stopped).toBe(0);
    await agent.start(config([{ eventguid, cookie: 'Viewmodel=Run&RootId=7' }]));
    expect(await agent.tickets('state=done')).toHaveLength(1);
    expect(service.calls).toHaveLength(1);
  });
});

describe('two agents of one prefix', () => {
  afterEach(closeAgents);

  it('hold one session between them, share the tickets, and take over from one another', async () => {
    const eventguid = randomUUID();
    const wanted = config([{ eventguid, cookie: 'Viewmodel=Run&RootId=7' }]);
    const both = [await makeAgent(), await makeAgent()] as const;
    await Promise.all(both.map((agent) => agent.start(wanted)));
    await waitFor(() => both[0].isSubscribed(eventguid), 'the subscription', SOON_MS);
    const [one, other] = (await both[0].isConnected()) ? both : both.toReversed();
    if (!one || !other) throw new Error('not two agents');
    expect(await other.isSubscribed(eventguid)).toBe(true); // as both see
    await triggerMany(eventguid, 5);
    await waitFor(async () => (await other.tickets('state=done')).length === 5, 'the tickets', SOON_MS);
    expect([await one.isConnected(), await other.isConnected()]).toEqual([true, false]);

    // Asked of the one that is not connected, done by the one that is.
    const fresh = randomUUID();
    const cookie = 'Viewmodel=Run&RootId=8';
    const put = await other.send('PUT', `/subscriptions/main/${fresh}`, { cookie });
    expect(await put.json()).toMatchObject({ state: 'active' });

    await one.stop('SIGKILL');
    await trigger(world.url, eventguid, { data: '6' });
    await trigger(world.url, fresh, { data: '7' });
    await waitFor(() => other.isConnected(), 'the second', 2 * SOON_MS);
    await waitFor(async () => (await other.tickets('state=done')).length === 7, 'what was missed', SOON_MS);
    expect(dataOf(await other.tickets())).toEqual(numbers(7));
    expect(other.output).not.toContain('session-taken-over');
  });
});
