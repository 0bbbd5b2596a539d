import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rawRequest } from '../../../test/support/http-hub.js';
import { Agent } from './agent.js';
import { readConfig } from './configuration/config.js';

const TOKEN = 'operator-token';
const NEVER = new Promise<void>(() => undefined);

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly [name: string]: unknown;
}

describe('an agent in memory, over HTTP', () => {
  let directory: string;
  let agent: Agent;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'agent-'));
    await writeFile(
      join(directory, 'handlers.mjs'),
      'export const Well = () => undefined; export const Ill = () => { throw new Error("it is ill"); };',
    );
    const module = { module: './handlers.mjs' };
    const file = { handlers: { Well: module, Ill: module }, queue: { attempts: 1 } };
    await writeFile(join(directory, 'agent.json'), JSON.stringify(file));
    const environment = {
      RINGBACK_AGENT_CONFIG: join(directory, 'agent.json'),
      PORT: '0',
      RINGBACK_AGENT_OPERATOR_TOKEN: TOKEN,
    };
    agent = await Agent.start(readConfig(environment), new RecordingLog());
  });

  afterEach(async () => {
    await agent.stop(NEVER);
    await rm(directory, { recursive: true });
  });

  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(agent.url + path, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as Shown };
  }

  const inState = async (id: string, state: string): Promise<Shown> => {
    await waitFor(async () => (await ask('GET', `/tickets/${id}`)).body.state === state, state);
    return (await ask('GET', `/tickets/${id}`)).body;
  };

  it('carries out a ticket that an operator makes, and shows its receipt', async () => {
    const made = await ask('POST', '/tickets', { ViewModel: 'Well', RootId: '7', data: 'x' });
    expect(made.status).toBe(201);
    const done = await inState(made.body.id, 'done');
    expect(done).toMatchObject({
      ViewModel: 'Well',
      RootId: '7',
      Error: null,
      KeepReceiptMinutes: 10,
      data: 'x',
    });
    expect(Date.parse(String(done['DeleteTime'])) - Date.parse(String(done['Done']))).toBe(600_000);
  });

  it('leaves a ticket for later until ExecuteEarliest', async () => {
    const ExecuteEarliest = '2999-01-01T00:00:00.000Z';
    const { body } = await ask('POST', '/tickets', { ViewModel: 'Well', RootId: '7', ExecuteEarliest });
    expect(body).toMatchObject({ state: 'delayed', ExecuteEarliest });
    expect((await ask('DELETE', `/tickets/${body.id}`)).status).toBe(204);
    expect((await ask('GET', `/tickets/${body.id}`)).status).toBe(404);
  });

  it('lists failed tickets with their Error and begins them anew', async () => {
    const { body } = await ask('POST', '/tickets', { ViewModel: 'Ill', RootId: '7' });
    expect(await inState(body.id, 'failed')).toMatchObject({ Error: 'it is ill', attempts: 1 });
    expect((await ask('GET', '/tickets?state=failed&viewModel=Ill')).body).toMatchObject({
      items: [{ id: body.id }],
    });
    expect((await ask('POST', `/tickets/${body.id}/retry`)).status).toBe(202);
    await inState(body.id, 'failed');
  });

  it.each<[string, string, unknown, number, string]>([
    ['GET', '/tickets?state=lost', undefined, 400, 'bad-request'],
    ['GET', '/tickets?limit=0', undefined, 400, 'bad-request'],
    ['GET', '/tickets?cursor=x', undefined, 400, 'bad-request'],
    ['GET', '/tickets?unknown=1', undefined, 400, 'bad-request'],
    ['GET', '/tickets/nobody', undefined, 404, 'not-found'],
    ['POST', '/tickets', { ViewModel: 'Well' }, 400, 'bad-request'],
    ['POST', '/tickets', { ViewModel: 'Well', RootId: 7 }, 400, 'bad-request'],
    ['POST', '/tickets', { ViewModel: 'Well', RootId: '7', more: 1 }, 400, 'bad-request'],
    ['POST', '/tickets', { ViewModel: 'Well', RootId: '7', ExecuteEarliest: 'soon' }, 400, 'bad-request'],
    ['POST', '/tickets', { ViewModel: 'Well', RootId: '7', KeepReceiptMinutes: -1 }, 400, 'bad-request'],
    ['POST', '/tickets', { ViewModel: 'Well', RootId: '7', data: 'x'.repeat(70_000) }, 413, 'data-too-large'],
    ['POST', '/tickets', [], 400, 'bad-request'],
    ['POST', '/tickets/nobody/retry', undefined, 404, 'not-found'],
    ['PUT', '/subscriptions/main/e', { cookie: 'c' }, 404, 'not-found'],
    ['PUT', '/subscriptions?hub=main&eventguid=a/b', { cookie: 'c' }, 404, 'not-found'],
    ['PUT', '/subscriptions/main/e?eventguid=f', { cookie: 'c' }, 400, 'bad-request'],
    ['PUT', '/subscriptions?hub=main', { cookie: 'c' }, 400, 'bad-request'],
    ['PUT', '/subscriptions/main//e', { cookie: 'c' }, 400, 'bad-request'],
    ['PUT', '/subscriptions/main/e', { cookie: 7 }, 400, 'bad-request'],
    ['PUT', '/subscriptions/main/e', { cookie: 'c', once: 'yes' }, 400, 'bad-request'],
    ['PUT', '/subscriptions/main/e', { cookie: 'c'.repeat(5_000) }, 413, 'cookie-too-large'],
    ['PUT', `/subscriptions/main/${'e'.repeat(300)}`, { cookie: 'c' }, 400, 'bad-eventguid'],
    ['PATCH', '/tickets', {}, 405, 'method-not-allowed'],
    ['GET', '/nowhere', undefined, 404, 'not-found'],
  ])('answers %s %s %j with a problem', async (method, path, body, status, code) => {
    const answer = await ask(method, path, body);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it.each(['/tickets', '/subscriptions', '/docs'])(
    'does not show %s to pages of a rebound name',
    async (path) => {
      const port = Number(new URL(agent.url).port);
      const { status, body } = await rawRequest({ port }, 'GET', path, { host: 'evil.example' });
      expect([status, (JSON.parse(body) as { code: string }).code]).toEqual([421, 'misdirected-request']);
      expect((await rawRequest({ port }, 'GET', '/health/live', { host: 'evil.example' })).status).toBe(200);
    },
  );

  it.each(['/tickets', '/tickets/x', '/subscriptions'])('shows %s to operators only', async (path) => {
    expect((await ask('GET', path, undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await fetch(agent.url + path)).status).toBe(401);
  });

  it.each([
    ['HEAD', '/tickets'],
    ['POST', '/tickets'],
    ['DELETE', '/tickets/x'],
    ['POST', '/tickets/x/retry'],
    ['PUT', '/subscriptions/main/e'],
    ['DELETE', '/subscriptions/main/e'],
    ['DELETE', '/subscriptions?hub=main&eventguid=e'],
  ])('does %s %s for operators only', async (method, path) => {
    expect((await fetch(agent.url + path, { method })).status).toBe(401);
  });

  it.each(['/health/live', '/health/ready', '/metrics', '/docs', '/docs-json', '/docs/errors'])(
    'shows %s to everybody',
    async (path) => {
      expect((await fetch(agent.url + path)).status).toBe(200);
    },
  );

  it('lets no page of another host change anything', async () => {
    const answer = await ask(
      'POST',
      '/tickets',
      { ViewModel: 'Well', RootId: '7' },
      { origin: 'http://evil' },
    );
    expect(answer.status).toBe(403);
  });

  it('counts its tickets by state', async () => {
    const { body } = await ask('POST', '/tickets', { ViewModel: 'Ill', RootId: '7' });
    await inState(body.id, 'failed');
    const text = await (await fetch(`${agent.url}/metrics`)).text();
    expect(text).toContain('ringback_agent_tickets{state="failed"} 1');
  });
});
