import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../scripts/set-up.mjs';
import { freePort } from '../scripts/processes.mjs';
import { rootManifest } from '../scripts/packages/manifest.mjs';
import { PACKAGES } from '../scripts/packages/list.mjs';
import { ForeignEventHub } from '../libs/bridge-signalr/src/testing/foreign-event-hub.js';
import { startOwnRedis, type RunningRedis } from './support/redis-servers.js';
import { ReplacePage } from './support/replace-page.js';
import { waitUntil } from './support/wait-until.js';
import { compileAll, InstalledPackages, type Running } from './support/installed-package.js';

const run = promisify(execFile);
const NAMES = PACKAGES.map(({ name }) => name);

let place: string;
let dryRun: string;
let tarballs: ReadonlyMap<string, string>;
/** What the compiler says of programs that use the packages: with every type of theirs looked at, and with those that are used. */
let said: { readonly strict: string; readonly usual: string };
const installed = new Map<string, InstalledPackages>();
const running: Running[] = [];
const connections: HubConnection[] = [];

const packageOf = (name: string): InstalledPackages => {
  const found = installed.get(name);
  if (!found) throw new Error(`${name} is not installed.`);
  return found;
};

const started = async (program: Promise<Running>): Promise<Running> => {
  const one = await program;
  running.push(one);
  return one;
};

const connect = async (url: string): Promise<HubConnection> => {
  const builder = new HubConnectionBuilder().withUrl(url).configureLogging(LogLevel.None);
  const connection = builder.build();
  connections.push(connection);
  await connection.start();
  return connection;
};

const trigger = (port: number, eventguid: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/v1/events/${eventguid}/trigger`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'open',
  });

/** The packages by themselves; `@ringback/nest` depends on `@ringback/signalr`. */
const install = async (): Promise<void> => {
  const needed = new Map([['@ringback/nest', ['@ringback/signalr']]]);
  const installs = NAMES.map(async (name) => {
    const files = [name, ...(needed.get(name) ?? [])].map((each) => tarballs.get(each) ?? each);
    installed.set(name, await InstalledPackages.into(join(place, name.replace('/', '-')), ...files));
  });
  await Promise.all(installs);
};

const ENTRIES = [
  `import { SignalRHub, SignalRModule } from '@ringback/signalr/nest';`,
  `import { RelayBackplane } from '@ringback/signalr/backplane';`,
  `import { RedisRelay } from '@ringback/signalr/redis';`,
  `const all: readonly Function[] = [SignalRHub, SignalRModule, RelayBackplane, RedisRelay];`,
  `console.log(all.map(({ name }) => name).join());`,
];

/** Writes the programs where their packages are, and compiles them: all at once, which takes a fraction of the time. */
const compile = async (): Promise<void> => {
  const write = async (name: string, file: string, text?: string): Promise<string> => {
    const program = text ?? (await packageOf(name).exampleOf(name));
    await packageOf(name).write(file, program);
    return join(packageOf(name).folder, file);
  };
  const wrong = (await packageOf('ringback').exampleOf('ringback')).replace('RootId', 'Root');
  const strict = [
    await write('@ringback/client', 'example.ts'),
    await write('@ringback/signalr', 'server.ts'),
  ];
  const usual = [
    await write('ringback', 'handlers.ts'),
    await write('ringback', 'wrong.ts', wrong),
    await write('@ringback/nest', 'app.ts'),
    await write('@ringback/nest', 'entries.ts', ENTRIES.join('\n')), // there is what these need
  ];
  said = {
    strict: await compileAll(place, strict),
    usual: await compileAll(place, usual, '--skipLibCheck', '--experimentalDecorators'),
  };
};

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'ringback-installed-'));
  const script = join(root, 'scripts/release.mjs');
  ({ stdout: dryRun } = await run(process.execPath, [script, '--dry-run', join(place, 'tarballs')]));
  const told = dryRun.matchAll(/^package +(\S+)@\S+ +(\S+)/gm);
  tarballs = new Map([...told].map(([, name = '', file = '']) => [name, file]));
  await install();
  await compile();
}, 480_000);

afterAll(async () => {
  for (const connection of connections) await connection.stop();
  for (const one of running) await one.stop();
  await rm(place, { recursive: true });
});

describe('the dry run of a release', () => {
  it('names the version, four tarballs, the image and what it is made of, and publishes nothing', () => {
    const { version } = rootManifest;
    const lines = dryRun.trim().split('\n');
    expect(lines[0]).toBe(`version    ${version}`);
    expect(lines.slice(1, -4).map((line) => /^package +(\S+) .* \d+ bytes$/.exec(line)?.[1])).toEqual(
      NAMES.map((name) => `${name}@${version}`),
    );
    const [image, ...sboms] = lines.slice(-4, -1);
    expect(image).toBe(`image      ringback:${version}`);
    expect(sboms.map((line) => /^sbom +(\S+) .*[.](\w+)[.]json +\d+ bytes$/.exec(line)?.slice(1))).toEqual(
      ['cdx', 'spdx'].map((format) => [`ringback:${version}`, format]),
    );
    expect(lines.at(-1)).toBe('A dry run: nothing is published.');
  });
});

describe('packages, each installed by itself', () => {
  it.each(NAMES)('%s has the version of the repository, a README, types, the licence', async (name) => {
    const manifest = JSON.parse(await packageOf(name).read(name, 'package.json')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ version: rootManifest.version, license: 'Apache-2.0', type: 'module' });
    const files = await readdir(join(packageOf(name).folder, 'node_modules', name), { recursive: true });
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'NOTICE', 'package.json']));
    expect(files.some((file) => file.endsWith('.d.ts'))).toBe(true);
    expect(files.filter((file) => /spec[.]|testing|(?<![.]d)[.]ts$/.test(file))).toEqual([]);
  });

  it('ringback brings the documents that its help refers to', async () => {
    const help = await packageOf('ringback').npx('ringback', '--help');
    const named = help.match(/docs[/][\w-]+[.]md/g) ?? [];
    expect(named).toEqual(['docs/configuration.md', 'docs/agent.md']);
    for (const file of named) expect(await packageOf('ringback').read('ringback', file)).toMatch(/^# /m);
  });

  it.each(NAMES)('%s names no library of ours that is not published', async (name) => {
    const folder = join(packageOf(name).folder, 'node_modules', name);
    const published = new RegExp(`'(?!(${NAMES.join('|')})['/])@ringback/[\\w-]+'`);
    for (const file of await readdir(folder, { recursive: true }))
      if (/[.](js|ts)$/.test(file)) {
        const text = await packageOf(name).read(name, file);
        expect([file, published.exec(text)?.[0]]).toEqual([file, undefined]);
      }
  });

  it('have types that compile, and say what is wrong, in the programs of the READMEs', () => {
    expect(said.strict).toBe('');
    const errors = said.usual
      .trim()
      .split('\n')
      .filter((line) => line.includes('error TS'));
    expect(errors).toEqual([expect.stringMatching(/^ringback[/]wrong[.]ts.*'Root'/)]);
  });

  it('lets nobody in but by its exports', async () => {
    const inside = `import('@ringback/client/dist/libs/client/src/index.js').catch((e) => console.log(e.code));`;
    expect(await packageOf('@ringback/client').evaluate(inside)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });
});

describe('ringback and @ringback/client', () => {
  it('print help, and the version', async () => {
    expect(await packageOf('ringback').npx('ringback', '--help')).toContain('ringback agent');
    expect(await packageOf('ringback').npx('ringback', '--version')).toBe(`${rootManifest.version}\n`);
  });

  it('start a hub that accepts a trigger, and receive from it what the README shows', async () => {
    const { port } = await started(packageOf('ringback').startNpx('ringback'));
    expect((await trigger(port, 'door-4')).status).toBeLessThan(300);
    await started(packageOf('@ringback/client').startExample('example.js', port, 'my cookie ready'));
  });

  it('start an agent', async () => {
    const { port } = await started(packageOf('ringback').startNpx('ringback', 'agent'));
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  });
});

describe('@ringback/nest', () => {
  it('answers a trigger, and clients of SignalR hear it, in the application of the README', async () => {
    const { port } = await started(packageOf('@ringback/nest').startExample('app.js'));
    const connection = await connect(`http://127.0.0.1:${port}/RealtimeEventPushHub`);
    const heard = new Promise((resolve) => {
      connection.on('ReceiveEvent', (...args) => resolve(args));
    });
    await connection.invoke('SubscribeToEvent', 'door-4', 'lamp 17');
    expect((await trigger(port, 'door-4')).status).toBeLessThan(300);
    expect(await heard).toEqual(['door-4', 'lamp 17', 'open']);
  });
});

describe('@ringback/signalr', () => {
  it('serves stock clients with the lines of the README, and no package beside it', async () => {
    const { port } = await started(packageOf('@ringback/signalr').startExample('server.js'));
    const [one, other] = [
      await connect(`http://127.0.0.1:${port}/chat`),
      await connect(`http://127.0.0.1:${port}/chat`),
    ];
    const said = new Promise((resolve) => {
      other.on('Said', resolve);
    });
    expect(await one.invoke('Say', 'hello')).toBe(5);
    expect(await said).toBe('hello');
  });

  it('has entries for Nest, the backplane and Redis', async () => {
    expect(await packageOf('@ringback/nest').evaluate(`await import('./entries.js')`)).toBe(
      'SignalRHub,SignalRModule,RelayBackplane,RedisRelay\n',
    );
  });

  it('has the same errors as the other packages', async () => {
    const nest = packageOf('@ringback/nest');
    const client = join(packageOf('@ringback/client').folder, 'node_modules/@ringback/client');
    const both = [
      `import { HubError } from '@ringback/nest';`,
      `import { HubError as Other } from '${client}/dist/libs/client/src/index.js';`,
      `const error = new HubError('not-found');`,
      `console.log(HubError === Other, error instanceof Other, new Error('x') instanceof Other);`,
    ];
    expect(await nest.evaluate(both.join('\n'))).toBe('false true false\n');
  });
});

describe('the pages on how to replace what is there, followed step by step', () => {
  let redis: RunningRedis;
  let mdriven: ForeignEventHub;
  const pages: ReplacePage[] = [];

  const open = async (name: string): Promise<ReplacePage> => {
    const [one, other] = [await freePort(), await freePort()];
    const places = { 6379: new URL(redis.url).port, 8070: new URL(mdriven.url).port };
    const all = { ...places, 8081: String(one), 8082: String(other) };
    const page = new ReplacePage(name, packageOf('ringback').folder, all);
    pages.push(page);
    return page;
  };

  beforeAll(async () => {
    await packageOf('ringback').add(tarballs.get('@ringback/signalr') ?? '');
    redis = await startOwnRedis();
    mdriven = await ForeignEventHub.start();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.stop();
  });
  afterAll(async () => {
    await mdriven.close();
    await redis.close();
  });

  it('put the nodes of a SignalR hub on the backplane', async () => {
    const page = await open('signalr-redis-backplane.md');
    await page.follow();
  });

  it('put nodes in the place of Socket.IO servers with an adapter', async () => {
    const page = await open('socketio-adapter.md');
    await page.follow();
  });

  it('put nodes beside a hub of three strings', async () => {
    const page = await open('mdriven-hub.md');
    await page.follow(async (expected) => {
      if (!expected.includes('kitchen')) return;
      await waitUntil(async () => mdriven.subscribers('MovementDetected').length > 0, 'the bridge');
      await mdriven.trigger('MovementDetected', 'kitchen');
    });
    await waitUntil(async () => mdriven.triggers.length > 0, 'the way back');
    expect(mdriven.triggers).toEqual([{ eventguid: 'alarm', data: 'fire', removeAfterSend: false }]);
  });
});
