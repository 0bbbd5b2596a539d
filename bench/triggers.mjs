// What a trigger costs the gateways, from one connection that keeps many under way, and what a connection costs in memory: this build against another one.
// npm run bench:triggers -- --against ../another-checkout [--store redis|memory|all --rounds 5 --connections 2000]
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { build, fail, installPackages, installPrograms, root } from '../scripts/set-up.mjs';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    store: { type: 'string', default: 'all' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '2000' },
    triggers: { type: 'string', default: '20000' },
  },
});

installPackages();
installPrograms(['redis-server']);
build();

const { dialects } = await import('./dialects.mjs');
const { freePort, start } = await import('../scripts/processes.mjs');
const { startRedisServer } = await import('../scripts/redis.mjs');

const MAIN = 'dist/apps/hub/apps/hub/src/main.js';
const IN_FLIGHT = [1, 64];
const EVENTGUID = 'bench-trigger';
const COLLECT_ON_SIGNAL = 'data:text/javascript,process.on("SIGUSR2", () => (gc(), gc()))';
/** Those that come first make what all of them share. */
const WARM_CONNECTIONS = 200;
const TICK_US = 10_000; // USER_HZ is 100 on Linux
const rounds = Number(values.rounds);
const triggers = Number(values.triggers);
const other = resolve(
  values.against ?? fail('Say which other build: --against <folder of a checkout that is built>'),
);
if (!existsSync(join(other, MAIN))) fail(`There is no build in ${other}: npm run build there first.`);

const redis = await startRedisServer();
/** @type {Readonly<Record<string, string>>} */
const stores = { memory: '', redis: redis.url };

/**
 * A node of a build. Names of variables changed once: both are given.
 * @param {string} folder
 * @param {string} redisUrl
 */
async function startNode(folder, redisUrl) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const prefix = `bench-${port}`;
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(port),
    REDIS_URL: redisUrl,
    LOG_LEVEL: 'error',
    REDIS_PREFIX: prefix,
    RINGBACK_REDIS_PREFIX: prefix,
    DRAIN_NOTICE_MS: '0',
    RINGBACK_SHUTDOWN_DELAY_MS: '0',
  };
  const args = ['--expose-gc', '--import', COLLECT_ON_SIGNAL, join(folder, MAIN)];
  const ready = async () => (await fetch(`${url}/health/ready`)).ok;
  return { ...(await start({ name: `hub of ${folder}`, command: process.execPath, args, env, ready })), url };
}

/**
 * A connection that has said what comes before commands.
 * @param {string} url
 * @param {import('./dialects.mjs').Dialect} dialect
 * @param {(frame: string) => void} onFrame
 */
async function open(url, dialect, onFrame) {
  const socket = new WebSocket(url.replace('http', 'ws') + dialect.path);
  const send = (/** @type {string} */ frame) =>
    socket.send(dialect.binary ? Buffer.from(frame, 'latin1') : frame);
  const opened = new Promise((done) => {
    socket.on('message', (bytes) => {
      const frame = /** @type {Buffer} */ (bytes).toString('latin1');
      const reply = dialect.reply(frame);
      if (reply !== undefined) send(reply);
      else if (dialect.isOpened(frame)) done(undefined);
      else onFrame(frame);
    });
  });
  await once(socket, 'open');
  if (dialect.hello) send(dialect.hello);
  await opened;
  return { socket, send };
}

/**
 * Sends triggers, so many at a time, and resolves when all are answered.
 * @param {{ url: string, pid: number }} node
 * @param {import('./dialects.mjs').Dialect} dialect
 * @param {number} inFlight
 */
async function measure(node, dialect, inFlight) {
  const count = inFlight === 1 ? triggers / 10 : triggers;
  const progress = { sent: 0, answered: 0 };
  /** @type {() => void} */
  let finish = () => undefined;
  const finished = new Promise((done) => (finish = () => done(undefined)));
  const next = () => connection.send(dialect.trigger(EVENTGUID, 'x', ++progress.sent));
  const hasRoom = () => progress.sent < count && progress.sent - progress.answered < inFlight;
  const connection = await open(node.url, dialect, (frame) => {
    progress.answered += dialect.binary
      ? countMessages(frame)
      : frame.split(SEPARATOR).filter(isReply).length;
    while (hasRoom()) next();
    if (progress.answered >= count) finish();
  });
  const [startedAt, cpuBefore] = [performance.now(), cpuUs(node.pid)];
  while (hasRoom()) next();
  await finished;
  const ms = performance.now() - startedAt;
  connection.socket.close();
  await once(connection.socket, 'close');
  return { cpuUs: (cpuUs(node.pid) - cpuBefore) / count, perSecond: (count / ms) * 1_000 };
}

const SEPARATOR = '\x1e';

/** An acknowledgement of Socket.IO, or a completion of SignalR. @param {string} text */
function isReply(text) {
  return text.startsWith('43') || text.startsWith('{"type":3');
}

/** Messages with a length before each; only completions come here. @param {string} frame */
function countMessages(frame) {
  let count = 0;
  for (let at = 0; at < frame.length; count++) {
    let length = 0;
    let shift = 0;
    for (; frame.charCodeAt(at) > 0x7f; at++, shift += 7) length |= (frame.charCodeAt(at) & 0x7f) << shift;
    length |= frame.charCodeAt(at) << shift;
    at += 1 + length;
  }
  return count;
}

/** @param {number} pid */
function cpuUs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/**
 * Bytes of heap that a connection takes, by what Prometheus is shown.
 * @param {string} folder
 * @param {import('./dialects.mjs').Dialect} dialect
 */
async function memoryPerConnection(folder, dialect) {
  const node = await startNode(folder, '');
  const count = Number(values.connections);
  /** @type {WebSocket[]} */
  const sockets = [];
  const openMore = async (/** @type {number} */ more) => {
    for (let at = 0; at < more; at++) sockets.push((await open(node.url, dialect, () => undefined)).socket);
  };
  await openMore(WARM_CONNECTIONS);
  const before = await heapBytes(node);
  await openMore(count);
  const after = await heapBytes(node);
  for (const socket of sockets) socket.terminate();
  await node.stop();
  return (after - before) / count;
}

/** The least of some readings, each after garbage was collected. @param {{ url: string, pid: number }} node */
async function heapBytes({ url, pid }) {
  let least = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < 10; reading++) {
    process.kill(pid, 'SIGUSR2');
    const text = await (await fetch(`${url}/metrics`)).text();
    least = Math.min(least, Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]));
  }
  return least;
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** @param {string} store @param {string} name @param {import('./dialects.mjs').Dialect} dialect */
async function compare(store, name, dialect) {
  const nodes = [await startNode(other, stores[store] ?? ''), await startNode(root, stores[store] ?? '')];
  for (const inFlight of IN_FLIGHT) {
    /** @type {{ cpuUs: number[], perSecond: number[] }[]} */
    const figures = nodes.map(() => ({ cpuUs: [], perSecond: [] }));
    for (const node of nodes) await measure(node, dialect, inFlight); // warm
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? [0, 1] : [1, 0];
      for (const at of order) {
        const node = nodes[at];
        if (!node) continue;
        const { cpuUs: cpu, perSecond } = await measure(node, dialect, inFlight);
        figures[at]?.cpuUs.push(cpu);
        figures[at]?.perSecond.push(perSecond);
      }
    }
    const [before, now] = figures.map((figure) => ({
      cpuUs: median(figure.cpuUs),
      perSecond: median(figure.perSecond),
    }));
    if (before && now) print([store, name, String(inFlight)], before, now);
  }
  for (const node of nodes) await node.stop();
}

/** @param {string[]} what @param {{ cpuUs: number, perSecond: number }} before @param {{ cpuUs: number, perSecond: number }} now */
function print([store = '', name = '', inFlight = ''], before, now) {
  const cpu = `${before.cpuUs.toFixed(1)} → ${now.cpuUs.toFixed(1)} (${(now.cpuUs / before.cpuUs).toFixed(2)})`;
  const rate = `${before.perSecond.toFixed(0)} → ${now.perSecond.toFixed(0)} (${(now.perSecond / before.perSecond).toFixed(2)})`;
  console.log(`${store.padEnd(8)}${name.padEnd(22)}${inFlight.padStart(9)}   ${cpu.padEnd(28)}${rate}`);
}

try {
  console.log(
    'store   protocol              in flight   CPU µs a trigger            triggers/s     the other build → this one (ratio)',
  );
  for (const store of values.store === 'all' ? ['redis', 'memory'] : [values.store]) {
    for (const [name, dialect] of Object.entries(dialects)) await compare(store, name, dialect);
  }
  for (const [name, dialect] of Object.entries(dialects)) {
    const [before, now] = [
      await memoryPerConnection(other, dialect),
      await memoryPerConnection(root, dialect),
    ];
    console.log(
      `heap bytes a connection, ${name}: ${before.toFixed(0)} → ${now.toFixed(0)} (${(now / before).toFixed(2)})`,
    );
  }
} finally {
  await redis.stop();
}
process.exit();
