import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { settingsTable, StartupError } from '@ringback/settings';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Config } from './config.js';
import { SETTINGS } from './settings.js';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-config-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function read(file: unknown, environment: Record<string, string> = {}): Config {
  const path = join(directory, 'agent.json');
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
  return readConfig({ RINGBACK_AGENT_CONFIG: path, ...environment });
}

const hub = { name: 'main', url: 'http://hub.example' };
const http = { url: 'https://app.example/{RootId}' };

describe('the configuration of the agent', () => {
  it('has a default for all but the handlers and hubs', () => {
    expect(readConfig({})).toEqual({
      hubs: [],
      handlers: new Map(),
      host: '127.0.0.1',
      port: 8090,
      allowAnonymous: false,
      logLevel: 'info',
      drainMs: 20_000,
      leaseMs: 10_000,
      subscriptionsPerHub: 1_000,
      queue: {
        concurrency: 10,
        leaseMs: 10_000,
        attempts: 8,
        minDelayMs: 1_000,
        maxDelayMs: 300_000,
        mostTickets: 100_000,
        mostFailed: 10_000,
        failedAgeMs: 2_592_000_000,
      },
    });
  });

  it('reads hubs, handlers and queue from its file, secrets from the environment', () => {
    const config = read(
      {
        hubs: [
          {
            ...hub,
            token: '$HUB_TOKEN',
            subscriberId: 'invoices',
            subscriptions: [{ eventguid: 'door', cookie: 'Viewmodel=A&RootId=$1', keepReceiptMinutes: 0 }],
          },
          { name: 'model', kind: 'signalr', url: '$MODEL_URL' },
        ],
        handlers: {
          A: { ...http, method: 'PUT', headers: { Authorization: '$AUTH' }, secret: '$SECRET', timeoutMs: 5 },
          B: { module: './b.mjs', export: 'run' },
        },
        queue: { concurrency: 1, attempts: 2, minDelayMs: 3, maxDelayMs: 4 },
      },
      { HUB_TOKEN: 't', MODEL_URL: 'https://model.example', AUTH: 'Bearer a', SECRET: 's' },
    );
    expect(config.hubs).toEqual([
      {
        ...hub,
        kind: 'ringback',
        token: 't',
        subscriberId: 'invoices',
        subscriptions: [
          { eventguid: 'door', cookie: 'Viewmodel=A&RootId=$1', once: false, keepReceiptMinutes: 0 },
        ],
      },
      {
        name: 'model',
        kind: 'signalr',
        url: 'https://model.example',
        subscriberId: 'agent',
        subscriptions: [],
      },
    ]);
    expect(Object.fromEntries(config.handlers)).toEqual({
      A: {
        ...http,
        kind: 'http',
        method: 'PUT',
        headers: { authorization: 'Bearer a' },
        secret: 's',
        timeoutMs: 5,
      },
      B: { kind: 'module', path: join(directory, 'b.mjs'), exportName: 'run', timeoutMs: 30_000 },
    });
    expect(config.queue).toMatchObject({ concurrency: 1, attempts: 2, minDelayMs: 3, maxDelayMs: 4 });
  });

  it.each<[unknown, string]>([
    ['{"hubs": [{"token": "s3cret"', 'is not JSON'],
    [[], 'the file is not an object'],
    [{ hub: [] }, 'the file has "hub"; there are hubs, handlers, queue'],
    ['\uFEFF{"hub": []}', 'the file has "hub"'],
    [{ hubs: {} }, 'hubs is not a list'],
    [{ hubs: [{ url: 'http://a' }] }, 'hubs[0].name is missing'],
    [{ hubs: [{ name: 'a', url: 'ws://a' }] }, 'hubs[0].url is not an http or https URL'],
    [{ hubs: [hub, hub] }, 'hubs has two hubs with the name "main"'],
    [{ hubs: [{ ...hub, kind: 'kafka' }] }, 'hubs[0].kind is none of ringback, signalr'],
    [{ hubs: [{ ...hub, token: '$NOWHERE' }] }, 'hubs[0].token names the variable NOWHERE, which is not set'],
    [{ hubs: [{ ...hub, subscriberId: 'x'.repeat(200) }] }, 'hubs[0].subscriberId is not valid'],
    [
      { hubs: [{ ...hub, subscriptions: [{ eventguid: 'e' }] }] },
      'hubs[0].subscriptions[0].cookie is missing',
    ],
    [
      { hubs: [{ ...hub, subscriptions: [{ eventguid: 'e', cookie: 'endSubscription' }] }] },
      'hubs[0].subscriptions[0].cookie would end the subscription',
    ],
    [
      { hubs: [{ ...hub, subscriptions: [{ eventguid: '', cookie: 'c' }] }] },
      'hubs[0].subscriptions[0].eventguid is not text of at least one character',
    ],
    [
      { hubs: [{ ...hub, subscriptions: ['c', 'd'].map((cookie) => ({ eventguid: 'e', cookie })) }] },
      'hubs[0].subscriptions subscribes twice to "e"',
    ],
    [{ handlers: { A: {} } }, 'handlers.A has neither or both of url and module'],
    [{ handlers: { A: { ...http, module: 'm' } } }, 'handlers.A has neither or both of url and module'],
    [{ handlers: { A: { url: 'https://a.example/{x}' } } }, 'handlers.A.url has {x}'],
    [{ handlers: { 'A b': { ...http, method: 'HEAD' } } }, 'handlers["A b"].method is none of'],
    [{ handlers: { A: { ...http, timeoutMs: 0 } } }, 'handlers.A.timeoutMs is not a whole number from 1'],
    [
      { handlers: { A: { ...http, timeoutMs: 300_001 } } },
      'handlers.A.timeoutMs is not a whole number from 1',
    ],
    [{ handlers: { A: { ...http, headers: { 'a b': 'c' } } } }, 'handlers.A.headers["a b"] cannot'],
    [{ handlers: { A: { module: 'm', secret: 's' } } }, 'handlers.A.secret belongs to a url'],
    [{ handlers: { A: { ...http, export: 's' } } }, 'handlers.A.export belongs to a module'],
    [{ queue: { concurrency: 0 } }, 'queue.concurrency is not a whole number from 1 to 1000'],
    [{ queue: { minDelayMs: 10, maxDelayMs: 9 } }, 'queue.maxDelayMs is not a whole number from 10'],
  ])('refuses %j and names the place', (file, problem) => {
    expect(() => read(file)).toThrow(StartupError);
    expect(() => read(file)).toThrow(problem);
  });

  it('takes a secret without the line end behind it, from its variable or from a file', () => {
    const path = join(directory, 'token');
    writeFileSync(path, '\uFEFFfiled\r\n');
    const file = { hubs: [{ ...hub, token: '$HUB_TOKEN' }] };
    expect(read(file, { HUB_TOKEN: 't0ken\n' }).hubs[0]?.token).toBe('t0ken');
    expect(read(file, { HUB_TOKEN_FILE: path }).hubs[0]?.token).toBe('filed');
    expect(() => read(file, { HUB_TOKEN: 't', HUB_TOKEN_FILE: path })).toThrow('are both set');
    expect(read({}, { RINGBACK_AGENT_OPERATOR_TOKEN_FILE: path }).operatorToken).toBe('filed');
  });

  it('reads a file that begins with a byte order mark', () => {
    expect(read(`\uFEFF${JSON.stringify({ hubs: [hub] })}`).hubs[0]?.name).toBe('main');
  });

  it('shows no secrets in what it says', () => {
    const message = ((): string => {
      try {
        read('{"hubs": [{"token": "s3cret" "x"}]}');
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message).toContain('is not JSON');
    expect(message).not.toContain('s3cret');
  });

  it('shows no header that cannot be sent', () => {
    const file = { handlers: { A: { ...http, headers: { authorization: '$AUTH' } } } };
    expect(() => read(file, { AUTH: 'Bearer s3\ncret' })).toThrow('handlers.A.headers.authorization cannot');
    expect(() => read(file, { AUTH: 'Bearer s3\ncret' })).not.toThrow('cret');
  });

  it('says when there is no such file', () => {
    expect(() => readConfig({ RINGBACK_AGENT_CONFIG: '/nowhere/agent.json' })).toThrow(
      'RINGBACK_AGENT_CONFIG="/nowhere/agent.json" cannot be read: there is no such file.',
    );
  });

  it('is documented variable by variable', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/agent.md'), 'utf8');
    for (const line of settingsTable(SETTINGS)) expect(page).toContain(line);
  });
});
