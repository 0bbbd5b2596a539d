import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start, type Running } from '../../scripts/processes.mjs';
import { build } from '../../scripts/set-up.mjs';
import { startOwnRedis, type RestartableRedis } from '../support/redis-servers.js';
import { waitUntil } from '../support/wait-until.js';
import { root } from './files.js';
import { budgetMs, hub, type Probe } from './support/pod.js';
import { settingsOf } from './support/kustomize.js';

/** What is where a pod has its secret. */
const SECRETS = '/run/secrets/ringback';

async function canListen(host: string): Promise<boolean> {
  const server = createServer().listen(0, host);
  const listening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return listening;
}

describe('the hub, started as a pod of k8s/base', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-pod-'));
  let redis: RestartableRedis;
  let port: number;
  let hasIPv6: boolean;
  let running: Running;
  let startedAfterMs: number;

  /** The environment of the container, as the kubelet makes it; the address is that of a pod with IPv6, where there is any. */
  function environment(podIp: string): Record<string, string> {
    const own = hub.env.map(({ name, value = podIp }) => {
      const here = value.replace('$(POD_IP):8080', `${podIp}:${port}`).replace(SECRETS, folder);
      return [name, here] as const;
    });
    return { ...settingsOf(['k8s/base']), ...Object.fromEntries(own), PORT: String(port) };
  }

  async function probe({ httpGet, timeoutSeconds }: Probe, host: string): Promise<number | undefined> {
    const signal = AbortSignal.timeout(timeoutSeconds * 1_000);
    const answer = await fetch(`http://${host}:${port}${httpGet.path}`, { signal }).catch(() => undefined);
    return answer?.status;
  }

  beforeAll(async () => {
    build();
    redis = await startOwnRedis();
    port = await freePort();
    hasIPv6 = await canListen('::1');
    if (!hasIPv6) console.info('This kernel has no IPv6: the hub is tried with HOST=0.0.0.0.');
    writeFileSync(join(folder, 'redis-url'), `${redis.url}\n`);
    writeFileSync(join(folder, 'access-tokens'), 'ops:secret:operate\n');
    const began = performance.now();
    running = await start({
      name: 'the pod',
      command: 'node',
      args: [join(root, 'bin/ringback.mjs'), ...hub.args],
      env: {
        PATH: process.env['PATH'],
        ...environment(hasIPv6 ? '::1' : '127.0.0.1'),
        ...(hasIPv6 ? {} : { HOST: '0.0.0.0' }),
        RINGBACK_ACCESS_TOKENS_FILE: join(folder, 'access-tokens'),
      },
      ready: async () => (await probe(hub.startupProbe, '127.0.0.1')) === 200,
    });
    startedAfterMs = performance.now() - began;
  }, 120_000);

  afterAll(async () => {
    await running?.stop('SIGKILL');
    await redis?.close();
    rmSync(folder, { recursive: true });
  });

  it('is ready long before the start-up probe gives it up', () => {
    expect(startedAfterMs).toBeLessThan(budgetMs(hub.startupProbe) / 2);
  });

  it('is reached by IPv4, and by IPv6 where the kernel has it', async () => {
    for (const host of hasIPv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1']) {
      expect([host, await probe(hub.readinessProbe, host)]).toEqual([host, 200]);
    }
  });

  it('tells the others an address that is a URL in either family', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/nodes`, {
      headers: { authorization: 'Bearer secret' },
    });
    const { items } = (await answer.json()) as { items: { address: string }[] };
    const host = hasIPv6 ? '[::1]' : '127.0.0.1';
    expect(items.map(({ address }) => address)).toEqual([`http://${host}:${port}`]);
  });

  it('is not ready without Redis, and lives', async () => {
    await redis.kill();
    await waitUntil(async () => (await probe(hub.readinessProbe, '127.0.0.1')) === 503, 'not ready');
    expect(await probe(hub.livenessProbe, '127.0.0.1')).toBe(200);
  });
});
