import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start } from '../scripts/processes.mjs';
import { root } from '../scripts/set-up.mjs';
import { TraceCollector } from './support/trace-collector.js';
import { waitUntil } from './support/wait-until.js';

const OPENTELEMETRY = '@opentelemetry';
const MAIN = 'dist/apps/hub/apps/hub/src/main.js';
/** Anything but the API, which comes with prom-client and does nothing by itself. */
const LOADED = /loaded .*@opentelemetry\/(?!api\/)/;
/** Says of each module of OpenTelemetry that it is loaded. */
const TELL_LOADED = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ load(url, context, next) {
    if (url.includes('${OPENTELEMETRY}')) console.error('loaded', url);
    return next(url, context);
  } });
`)}`;

type Hub = Awaited<ReturnType<typeof start>> & { readonly url: string };

describe('a hub as it is started', () => {
  const hubs: Hub[] = [];
  let collector: TraceCollector;
  let place: string;

  beforeAll(async () => {
    collector = new TraceCollector();
    await collector.start();
    place = mkdtempSync(join(tmpdir(), 'ringback-traces-'));
    installWithout(join(place, 'app'));
  });

  afterEach(async () => {
    for (const hub of hubs.splice(0)) await hub.stop();
  });

  afterAll(async () => {
    await collector.close();
    rmSync(place, { recursive: true });
  });

  /** The build with all packages but those of OpenTelemetry. */
  function installWithout(folder: string): void {
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    for (const file of ['dist', 'package.json'])
      cpSync(join(root, file), join(folder, file), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules')))
      if (name !== OPENTELEMETRY) link(name, join(folder, 'node_modules'));
  }

  function link(name: string, to: string): void {
    mkdirSync(to, { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(to, name));
  }

  async function startHub(folder: string, env: Record<string, string>): Promise<Hub> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const running = await start({
      name: 'hub',
      command: process.execPath,
      args: ['--import', TELL_LOADED, join(folder, MAIN)],
      env: { ...process.env, PORT: String(port), RINGBACK_SHUTDOWN_DELAY_MS: '0', ...env },
      ready: async () => (await fetch(`${url}/health/ready`)).ok,
    });
    const hub = { ...running, url };
    hubs.push(hub);
    return hub;
  }

  const wanted = (): Record<string, string> => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });

  it.each([
    ['no variable asks for traces', {}],
    ['one says no', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' }],
  ])('loads nothing of OpenTelemetry where %s', async (_name, env) => {
    const hub = await startHub(root, env);
    expect(hub.output()).toContain('"listening"');
    expect(hub.output()).not.toMatch(LOADED);
  });

  it('loads it where a variable asks for it, and sends what is left when it stops', async () => {
    const hub = await startHub(root, wanted());
    expect(hub.output()).toMatch(LOADED);
    await fetch(`${hub.url}/v1/events/e/trigger`, { method: 'POST' });
    await hub.stop();
    expect(collector.spans.map(({ name }) => name)).toEqual(['trigger']);
  });

  it('runs without traces, and says what to install, where the packages are missing', async () => {
    const hub = await startHub(join(place, 'app'), wanted());
    await waitUntil(async () => hub.output().includes('"traces not recorded"'), 'the line');
    expect(hub.output()).toMatch(/not installed: npm install @opentelemetry\/api@/);
    expect((await fetch(`${hub.url}/v1/events/e/trigger`, { method: 'POST' })).status).toBe(202);
  });

  it('finds the packages in a folder above it', async () => {
    link(OPENTELEMETRY, join(place, 'node_modules'));
    const hub = await startHub(join(place, 'app'), wanted());
    expect(hub.output()).toContain('"traces are recorded"');
  });
});
