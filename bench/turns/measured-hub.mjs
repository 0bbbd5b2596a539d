// A hub whose event loop is measured, and the clients that it serves.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startHubNode } from '../../scripts/hub-node.mjs';
import { freePort } from '../../scripts/processes.mjs';

const MEASURE = pathToFileURL(join(import.meta.dirname, 'measure-turns.mjs')).href;
/** Longer than from one measurement to the next. */
const MEASURED_WITHIN_MS = 500;
const LOOK_EVERY_MS = 100;
const HEAP_MIB = 2_048;

/** @typedef {import('./measure-turns.mjs').TurnMeasurement} Measurement */
/** @typedef {{ connections: number, each: number, shared?: string }} Load */

export class MeasuredHub {
  /** @param {Awaited<ReturnType<typeof startHubNode>>} node @param {string} folder */
  constructor(node, folder) {
    this.node = node;
    this.folder = folder;
    this.url = node.url;
  }

  /** Resolves once it serves. @param {Record<string, string>} env */
  static async start(env) {
    const folder = mkdtempSync(join(tmpdir(), 'ringback-turns-'));
    writeFileSync(fileIn(folder), '');
    const node = await startHubNode({
      port: await freePort(),
      env: {
        LOG_LEVEL: 'warn',
        RINGBACK_SHUTDOWN_DELAY_MS: '0',
        RINGBACK_SUBSCRIPTIONS_PER_CONNECTION: '100000',
        RINGBACK_CONNECTIONS_PER_NODE: '100000',
        NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB} --import=${MEASURE}`,
        BENCH_TURNS: fileIn(folder),
        ...env,
      },
    });
    return new MeasuredHub(node, folder);
  }

  /** The longest turn of its loop in CPU without garbage collection, the longest collection, and the longest stall by the clock, while the work is done. @param {() => Promise<unknown>} work */
  async during(work) {
    await delay(MEASURED_WITHIN_MS);
    const since = Date.now();
    await work();
    const ms = Date.now() - since;
    await delay(MEASURED_WITHIN_MS);
    const lines = readFileSync(fileIn(this.folder), 'utf8').trim().split('\n').filter(Boolean);
    const all = lines.map((line) => /** @type {Measurement} */ (JSON.parse(line)));
    const measured = all.filter(({ at }) => at >= since);
    const most = (/** @type {'stallMs' | 'turnMs' | 'gcMs'} */ figure) =>
      Math.max(0, ...measured.map((one) => one[figure]));
    return { ms, stallMs: most('stallMs'), turnMs: most('turnMs'), gcMs: most('gcMs') };
  }

  /** One of its metrics. @param {string} name */
  async metric(name) {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  }

  /** Resolves when the metric says so. @param {string} name @param {(value: number) => boolean} holds */
  async until(name, holds) {
    while (!holds(await this.metric(name).catch(() => Number.NaN))) await delay(LOOK_EVERY_MS);
  }

  /** Resolves when it has drained and ended, however long that takes. */
  async drain() {
    process.kill(this.node.pid, 'SIGTERM');
    await this.node.exited;
  }

  async stop() {
    await this.node.stop('SIGKILL');
  }

  forget() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The clients of one hub. */
export class Subscribers {
  /** @param {string} url @param {Load} load */
  constructor(url, { connections, each, shared = '' }) {
    this.process = fork(join(import.meta.dirname, 'subscribers.mjs'), [
      url,
      `${connections}`,
      `${each}`,
      shared,
    ]);
  }

  /** Resolves when it is done to how many deliveries have come. @param {import('./subscribers.mjs').Order} order @returns {Promise<number>} */
  async do(order) {
    this.process.send(order);
    const [{ deliveries }] = await once(this.process, 'message');
    return deliveries;
  }

  /** Resolves when so many deliveries have come in all. @param {number} count */
  async until(count) {
    while ((await this.do('tell')) < count) await delay(LOOK_EVERY_MS);
  }

  /** All connections end at once. */
  cut() {
    this.process.kill('SIGKILL');
  }
}

/** @param {string} folder */
function fileIn(folder) {
  return join(folder, 'measurements');
}
