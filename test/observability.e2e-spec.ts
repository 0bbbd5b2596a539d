import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dashboards } from '../scripts/dashboards.mjs';
import { freePort, start } from '../scripts/processes.mjs';
import { trigger } from './support/http.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

const root = join(import.meta.dirname, '..');
const RULES = join(root, 'deploy/observability/rules/ringback.yml');
const SCRAPED_WITHIN_MS = 60_000;

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** What is on a dashboard, by the title of its panel. */
function queriesOf(text: string): [string, string][] {
  const { panels } = JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] };
  return panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr]));
}

const QUERIES = [...dashboards()].flatMap(([name, text]) =>
  queriesOf(text).map(([title, expr]) => [`${name}: ${title}`, expr] as const),
);

const ALERTS = (
  parse(readFileSync(RULES, 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] }
).groups
  .flatMap(({ rules }) => rules)
  .map(({ alert, expr }) => [alert, expr] as const);

/** Those that say something of every node under load, not only of one in trouble. */
const SPEAKING =
  /overview: (Nodes|Connections$|Subscriptions|Triggers|Deliveries$|CPU|Memory)|fanout: (?!Events)/;

describe('what operators look at, in a Prometheus that scrapes a cluster under load', () => {
  let redis: RunningRedis;
  let world: World;
  let url: string;
  let stop: () => Promise<void>;

  async function ask(expr: string): Promise<Answer> {
    const asked = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '30s');
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(asked)}`);
    return (await response.json()) as Answer;
  }

  async function startPrometheus(targets: readonly string[]): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'ringback-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [RULES],
      scrape_configs: [{ job_name: 'ringback', static_configs: [{ targets }] }],
    };
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    url = `http://${address}`;
    const running = await start({
      name: 'prometheus',
      command: 'prometheus',
      args: [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
      ],
      ready: async () => (await fetch(`${url}/-/ready`)).ok,
    });
    stop = async () => {
      await running.stop();
      rmSync(folder, { recursive: true });
    };
  }

  async function subscribe(subscribers: number): Promise<void> {
    const clients = await world.clientsOf(subscribers);
    await Promise.all(clients.map((client) => client.subscribe('watched', 'c')));
  }

  beforeAll(async () => {
    redis = await startRedis();
    world = await World.start({ redisUrl: redis.url, nodes: 2 });
    await subscribe(6);
    await startPrometheus(world.nodes.map((node) => new URL(node.url).host));
    // A rate needs two scrapes, and something between them.
    await waitFor(
      async () => {
        await trigger(world.url, 'watched', { data: 'd' });
        const { data } = await ask('min(rate(ringback_deliveries_total[30s]))');
        return Number(data?.result[0]?.value[1] ?? 0) > 0;
      },
      'rates of both nodes',
      SCRAPED_WITHIN_MS,
    );
  });

  afterAll(async () => {
    await stop();
    await world.close();
    await redis.close();
  });

  it.each(QUERIES)('%s', async (title, expr) => {
    const answer = await ask(expr);
    expect(answer).toMatchObject({ status: 'success' });
    if (SPEAKING.test(title.replace('.json', ''))) expect(answer.data?.result.length).toBeGreaterThan(0);
  });

  it.each(ALERTS)('%s does not fire while all is well', async (_alert, expr) => {
    expect(await ask(expr)).toMatchObject({ status: 'success', data: { result: [] } });
  });

  it('takes the alerts, which fire when they are meant to', () => {
    for (const args of [
      ['check', 'rules', RULES],
      ['test', 'rules', join(root, 'test/deployment/rules.test.yml')],
    ])
      expect(() => execFileSync('promtool', args)).not.toThrow();
  });
});
