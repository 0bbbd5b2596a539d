import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** A small house that keeps every rule. */
const clean: Record<string, string> = {
  'libs/contract/src/index.ts': `export { word } from './word.js';`,
  'libs/contract/src/word.ts': `export const word = 'word';`,
  'libs/settings/src/index.ts': `export const setting = 1;`,
  'libs/async/src/index.ts': `export const delay = 1;`,
  'libs/async/src/async.spec.ts': `import 'some-package'; import './index.js';`,
  'libs/node-proxy/src/index.ts': `import 'node:http'; import 'httpxy'; import { delay } from '@ringback/async'; export const proxy = delay;`,
  'libs/node-proxy/src/proxy.spec.ts': `import 'some-package'; import './index.js';`,
  'libs/core/src/index.ts': `export { Hub } from './hub.js';`,
  'libs/core/src/hub.ts': `import { delay } from '@ringback/async'; import { word } from '@ringback/contract'; export class Hub { word = word; delay = delay; }`,
  'libs/memory/src/index.ts': `import '@ringback/async'; import { Hub } from '@ringback/core'; export const memory = Hub;`,
  'libs/redis/src/index.ts': `import 'some-package'; import { Hub } from '@ringback/core'; export const redis = Hub;`,
  'libs/redis/src/round.ts': `import './and-round.js'; export type Round = 1;`,
  'libs/redis/src/and-round.ts': `export type AndRound = 1;`,
  'libs/redis/src/redis.int-spec.ts': `import '@ringback/conformance'; import '@ringback/memory'; import './index.js';`,
  'libs/opentelemetry/src/index.ts': `import type { Hub } from '@ringback/core'; export const open = async (): Promise<Hub> => (await import('./traces.js')).traces;`,
  'libs/opentelemetry/src/traces.ts': `import '@opentelemetry/api'; export const traces = 1;`,
  'libs/access-rights/src/index.ts': `import { Hub } from '@ringback/core'; export const rights = Hub;`,
  'libs/access-jwt/src/index.ts': `import { Hub } from '@ringback/core'; import { setting } from '@ringback/settings'; export const jwt = [Hub, setting];`,
  'libs/access-token/src/index.ts': `import { rights } from '@ringback/access-rights'; import { Hub } from '@ringback/core'; export const access = [Hub, rights];`,
  'libs/http-kit/src/index.ts': `import { word } from '@ringback/contract'; import type { Hub } from '@ringback/core'; export const problem = word; export type Served = Hub;`,
  'libs/http-kit/src/problem.spec.ts': `import '@ringback/conformance'; import '@ringback/memory'; import './index.js';`,
  'libs/operator-api/src/index.ts': `import { Hub } from '@ringback/core'; import '@ringback/http-kit'; export const operate = Hub;`,
  'libs/gateway-kit/src/index.ts': `import '@ringback/http-kit'; import { proxy } from '@ringback/node-proxy'; import { setting } from '@ringback/settings'; export const kit = [proxy, setting];`,
  'libs/bridge-kit/src/index.ts': `import { setting } from '@ringback/settings'; export const kit = setting;`,
  'libs/nest/src/index.ts': `import '@ringback/access-rights'; import '@ringback/gateway-kit'; import '@ringback/memory'; import '@ringback/redis'; export const node = 1;`,
  'libs/gateway-sse/src/index.ts': `import '@ringback/async'; import '@ringback/gateway-kit'; import '@ringback/http-kit'; import { Hub } from '@ringback/core'; import { setting } from '@ringback/settings'; export const sse = [Hub, setting];`,
  'libs/gateway-sse/src/sse.spec.ts': `import '@ringback/conformance'; import '@ringback/memory'; import './index.js';`,
  'libs/gateway-signalr/src/index.ts': `import { server } from '@ringback/signalr'; export const signalr = server;`,
  'libs/bridge-kafka/src/index.ts': `import { Hub } from '@ringback/core'; import { setting } from '@ringback/settings'; export const kafka = [Hub, setting];`,
  'libs/signalr-backplane/src/index.ts': `import '@ringback/async'; import { Hub } from '@ringback/core'; import { server } from '@ringback/signalr'; export const backplane = [Hub, server];`,
  'libs/signalr-nest/src/index.ts': `import '@ringback/async'; import { server } from '@ringback/signalr'; export const nest = server;`,
  'libs/signalr/src/index.ts': `import 'node:http'; import '@ringback/async'; import '@ringback/node-proxy'; export const server = 1;`,
  'libs/client/src/index.ts': `import '@ringback/async'; import { word } from '@ringback/contract'; export const client = word;`,
  'libs/platform/src/index.ts': `import '@ringback/async'; import { Hub } from '@ringback/core'; import { setting } from '@ringback/settings'; export const platform = [Hub, setting];`,
  'libs/conformance/src/index.ts': `import '@ringback/async'; import '@ringback/memory'; import { Hub } from '@ringback/core'; export const suite = Hub;`,
  'apps/console/src/main.ts': `import '@ringback/client';`,
  'apps/hub/src/main.ts': [
    'contract',
    'core',
    'memory',
    'redis',
    'access-token',
    'gateway-sse',
    'gateway-signalr',
    'bridge-kafka',
    'http-kit',
    'operator-api',
    'opentelemetry',
    'platform',
    'settings',
  ]
    .map((name) => `import '@ringback/${name}';`)
    .join('\n'),
  'test/support/cluster.ts': `import '../../libs/core/src/hub.js'; import '@ringback/platform'; export const cluster = 1;`,
  'test/cluster/any.e2e-spec.ts': `import '../support/cluster.js'; import '@ringback/conformance';`,
  'node_modules/some-package/package.json': `{ "name": "some-package", "exports": "./index.js" }`,
  'node_modules/some-package/index.js': ``,
  'node_modules/@opentelemetry/api/package.json': `{ "name": "@opentelemetry/api", "exports": "./index.js" }`,
  'node_modules/@opentelemetry/api/index.js': ``,
  'node_modules/httpxy/package.json': `{ "name": "httpxy", "exports": "./index.js" }`,
  'node_modules/httpxy/index.js': ``,
};

/** Rule, the file that breaks it, and what that file says. */
const breaches: readonly (readonly [rule: string, file: string, text: string])[] = [
  [
    'no-circles',
    'libs/redis/src/and-round.ts',
    `import type { Round } from './round.js'; export type AndRound = Round;`,
  ],
  ['no-unresolvable', 'libs/redis/src/breach-nowhere.ts', `import './nowhere.js';`],
  ['contract-is-the-ground', 'libs/contract/src/breach-lib.ts', `import '@ringback/core';`],
  ['contract-is-the-ground', 'libs/contract/src/breach-async.ts', `import '@ringback/async';`],
  ['contract-is-the-ground', 'libs/contract/src/breach-package.ts', `import 'some-package';`],
  ['settings-is-a-leaf', 'libs/settings/src/breach-lib.ts', `import '@ringback/contract';`],
  ['settings-is-a-leaf', 'libs/settings/src/breach-package.ts', `import 'some-package';`],
  ['async-is-a-leaf', 'libs/async/src/breach-lib.ts', `import '@ringback/contract';`],
  ['async-is-a-leaf', 'libs/async/src/breach-package.ts', `import type {} from 'some-package';`],
  ['node-proxy-is-a-leaf', 'libs/node-proxy/src/breach-lib.ts', `import '@ringback/contract';`],
  ['node-proxy-is-a-leaf', 'libs/node-proxy/src/breach-package.ts', `import 'some-package';`],
  ['kits-pick-no-side', 'libs/gateway-kit/src/breach-adapter.ts', `import '@ringback/memory';`],
  ['kits-pick-no-side', 'libs/gateway-kit/src/breach-gateway.ts', `import '@ringback/gateway-sse';`],
  ['nest-composes-a-node', 'libs/nest/src/breach-client.ts', `import '@ringback/client';`],
  ['nest-composes-a-node', 'libs/nest/src/breach-gateway.ts', `import '@ringback/gateway-sse';`],
  ['nest-is-for-applications', 'libs/operator-api/src/breach-nest.ts', `import '@ringback/nest';`],
  ['core-knows-only-contract', 'libs/core/src/breach-proxy.ts', `import '@ringback/node-proxy';`],
  ['core-knows-only-contract', 'libs/core/src/breach-adapter.ts', `import '@ringback/memory';`],
  ['core-knows-only-contract', 'libs/core/src/breach-settings.ts', `import '@ringback/settings';`],
  ['core-knows-only-contract', 'libs/core/src/breach-package.ts', `import type {} from 'some-package';`],
  ['adapters-know-only-core', 'libs/redis/src/breach-settings.ts', `import '@ringback/settings';`],
  ['adapters-know-only-core', 'libs/redis/src/breach-adapter.ts', `import '@ringback/memory';`],
  ['adapters-know-only-core', 'libs/memory/src/breach-edge.ts', `import '@ringback/gateway-sse';`],
  ['adapters-know-only-core', 'libs/access-rights/src/breach.ts', `import '@ringback/access-token';`],
  ['jwt-defines-its-settings', 'libs/access-jwt/src/breach.ts', `import '@ringback/redis';`],
  ['jwt-defines-its-settings', 'libs/access-jwt/src/breach-token.ts', `import '@ringback/access-token';`],
  ['policies-share-rights-alone', 'libs/access-token/src/breach.ts', `import '@ringback/redis';`],
  ['adapters-know-only-core', 'libs/opentelemetry/src/breach.ts', `import '@ringback/redis';`],
  ['only-the-adapter-loads-opentelemetry', 'libs/redis/src/breach-traces.ts', `import '@opentelemetry/api';`],
  ['only-the-adapter-loads-opentelemetry', 'apps/hub/src/breach-traces.ts', `import '@opentelemetry/api';`],
  ['edges-know-no-adapter', 'libs/gateway-sse/src/breach-redis.ts', `import '@ringback/redis';`],
  [
    'edges-know-no-adapter',
    'libs/bridge-kafka/src/breach.ts',
    `import type {} from '@ringback/access-token';`,
  ],
  [
    'edges-do-not-meet',
    'libs/gateway-sse/src/breach-edge.ts',
    `import type {} from '@ringback/gateway-signalr';`,
  ],
  ['edges-do-not-meet', 'libs/bridge-kafka/src/breach-edge.ts', `import '@ringback/gateway-sse';`],
  ['http-kit-picks-no-side', 'libs/http-kit/src/breach-edge.ts', `import '@ringback/gateway-sse';`],
  ['http-kit-picks-no-side', 'libs/http-kit/src/breach-adapter.ts', `import '@ringback/memory';`],
  ['operator-api-knows-no-side', 'libs/operator-api/src/breach-edge.ts', `import '@ringback/gateway-sse';`],
  ['operator-api-knows-no-side', 'libs/operator-api/src/breach-adapter.ts', `import '@ringback/redis';`],
  ['edges-know-no-adapter', 'libs/gateway-sse/src/breach-operator.ts', `import '@ringback/operator-api';`],
  ['http-kit-knows-core-by-type', 'libs/http-kit/src/breach-value.ts', `import '@ringback/core';`],
  ['agent-knows-no-gateway', 'apps/agent/src/breach-edge.ts', `import '@ringback/gateway-sse';`],
  ['agent-knows-no-gateway', 'apps/agent/src/breach-operator.ts', `import '@ringback/operator-api';`],
  ['client-knows-only-contract', 'libs/client/src/breach-core.ts', `import '@ringback/core';`],
  ['browsers-have-no-node', 'libs/client/src/breach-node.ts', `import 'node:fs';`],
  ['browsers-have-no-node', 'libs/contract/src/breach-node.ts', `import 'node:fs';`],
  ['browsers-have-no-node', 'libs/async/src/breach-node.ts', `import 'node:timers/promises';`],
  ['signalr-knows-no-hub', 'libs/signalr/src/breach.ts', `import '@ringback/contract';`],
  ['signalr-knows-no-hub', 'libs/signalr/src/breach.spec.ts', `import '@ringback/memory';`],
  ['backplane-joins-relay-and-signalr', 'libs/signalr-backplane/src/breach.ts', `import '@ringback/redis';`],
  ['signalr-nest-knows-only-signalr', 'libs/signalr-nest/src/breach-core.ts', `import '@ringback/core';`],
  ['signalr-nest-knows-only-signalr', 'libs/signalr-nest/src/breach-package.ts', `import 'some-package';`],
  ['platform-is-for-apps', 'libs/gateway-sse/src/breach.spec.ts', `import '@ringback/platform';`],
  ['platform-is-for-apps', 'libs/conformance/src/breach-platform.ts', `import '@ringback/platform';`],
  ['platform-picks-no-side', 'libs/platform/src/breach.ts', `import '@ringback/redis';`],
  ['conformance-is-for-specs', 'apps/hub/src/breach.ts', `import '@ringback/conformance';`],
  ['conformance-picks-no-side', 'libs/conformance/src/breach-redis.ts', `import '@ringback/redis';`],
  ['apps-do-not-meet', 'apps/hub/src/breach-app.ts', `import '../../console/src/main.js';`],
  ['product-knows-no-test', 'libs/redis/src/breach-test.ts', `import '../../../test/support/cluster.js';`],
  ['product-knows-no-test', 'libs/redis/src/breach-spec.ts', `import './redis.int-spec.js';`],
  ['front-door-only', 'libs/gateway-sse/src/breach-deep.ts', `import '../../core/src/hub.js';`],
  ['front-door-only', 'apps/hub/src/breach-deep.ts', `import '../../../libs/core/src/hub.js';`],
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

interface Summary {
  readonly totalCruised: number;
  readonly violations: readonly Violation[];
  readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
}

/** Runs our configuration over the tree at `directory`. */
async function cruise(directory: string): Promise<Summary> {
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const rules = join(root, '.dependency-cruiser.mjs');
  const args = [cruiser, '--config', rules, '--output-type', 'json', 'apps', 'libs', 'test'];
  const report = await new Promise<string>((resolve) => {
    // A breach makes it exit with an error code; the report is printed all the same.
    execFile(process.execPath, args, { cwd: directory, maxBuffer: 2 ** 26 }, (_error, stdout) => {
      resolve(stdout);
    });
  });
  return (JSON.parse(report) as { summary: Summary }).summary;
}

async function plant(directory: string, files: Iterable<readonly [string, string]>): Promise<void> {
  for (const [file, text] of files) {
    const path = join(directory, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${text}\n`);
  }
}

describe('the direction rule', () => {
  let directory: string;
  let before: Summary;
  let after: Summary;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringback-direction-'));
    await cp(join(root, 'tsconfig.json'), join(directory, 'tsconfig.json'));
    await plant(directory, Object.entries(clean));
    before = await cruise(directory);
    await plant(
      directory,
      breaches.map(([, file, text]) => [file, text] as const),
    );
    after = await cruise(directory);
  }, 60_000);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('lets a clean tree pass', () => {
    expect(before.violations).toEqual([]);
    expect(before.totalCruised).toBeGreaterThanOrEqual(20);
  });

  it.each(breaches)('reports %s, and nothing else, for %s', (rule, file) => {
    const names = after.violations
      .filter(({ from }) => from === file)
      .map((violation) => violation.rule.name);
    expect(names).toEqual([rule]);
  });

  it('reports no file that breaks no rule', () => {
    const planted = new Set(breaches.map(([, file]) => file));
    expect(after.violations.filter(({ from }) => !planted.has(from))).toEqual([]);
  });

  it('has a planted breach for each rule', () => {
    const rules = after.ruleSetUsed.forbidden.map(({ name }) => name);
    expect(new Set(breaches.map(([rule]) => rule))).toEqual(new Set(rules));
  });
});
