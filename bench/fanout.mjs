// Fan-out: our hub (on Redis) against a plain Socket.IO server that emits to each socket. In one run, in turns, medians.
// npm run bench:fanout [-- --subscribers 1000 --rounds 5]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, installPackages, installPrograms } from '../scripts/set-up.mjs';

installPackages();
installPrograms(['redis-server']);
build();

const { freePort, start } = await import('../scripts/processes.mjs');
const { startRedisServer } = await import('../scripts/redis.mjs');
const { startHubNode } = await import('../scripts/hub-node.mjs');

const { values } = parseArgs({
  options: { subscribers: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const TICK_US = 10_000; // USER_HZ is 100 on Linux

/** @typedef {{ name: string, pid: number, load: import('node:child_process').ChildProcess, figures: Map<number, { cpuUs: number, kernelUs: number, perSecond: number }[]> }} Contestant */

/** CPU time that a process has used in all, and of that in the kernel, in µs. @param {number} pid */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const [userUs, kernelUs] = [Number(fields[11]) * TICK_US, Number(fields[12]) * TICK_US];
  return { cpuUs: userUs + kernelUs, kernelUs };
}

/**
 * @param {string} name
 * @param {{ pid: number, url: string }} server
 * @returns {Promise<Contestant>}
 */
async function contestant(name, { pid, url }) {
  const load = fork(join(import.meta.dirname, 'load-client.mjs'), [url, values.subscribers]);
  await once(load, 'message');
  return { name, pid, load, figures: new Map() };
}

/**
 * @param {Contestant} who
 * @param {number} inFlight
 * @param {number} triggers
 */
async function measure(who, inFlight, triggers) {
  const before = cpuOf(who.pid);
  who.load.send({ triggers, inFlight });
  const [{ deliveries, ms }] = await once(who.load, 'message');
  const after = cpuOf(who.pid);
  return {
    cpuUs: (after.cpuUs - before.cpuUs) / deliveries,
    kernelUs: (after.kernelUs - before.kernelUs) / deliveries,
    perSecond: (deliveries / ms) * 1_000,
  };
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function startPlain() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [join(import.meta.dirname, 'plain-socketio-server.mjs')];
  const ready = async () => (await fetch(`${url}/health/ready`)).ok;
  const env = { ...process.env, PORT: String(port) };
  return { ...(await start({ name: 'plain Socket.IO', command: 'node', args, env, ready })), url };
}

const redis = await startRedisServer();
const hub = await startHubNode({ port: await freePort(), env: { REDIS_URL: redis.url, LOG_LEVEL: 'warn' } });
const plain = await startPlain();
const contestants = [await contestant('plain Socket.IO', plain), await contestant('Ringback', hub)];

console.log(
  `${values.subscribers} WebSocket subscribers, medians of ${rounds} rounds, Node ${process.version}\n`,
);
console.log(
  'in flight  server             deliveries/s   server CPU µs/delivery (in the kernel)   CPU ratio   rate ratio',
);
for (const inFlight of [1, 16]) {
  const triggers = inFlight === 1 ? 200 : 480;
  for (const who of contestants) await measure(who, inFlight, triggers); // warm
  for (let round = 0; round < rounds; round++) {
    for (const who of contestants) {
      const figures = who.figures.get(inFlight) ?? [];
      who.figures.set(inFlight, [...figures, await measure(who, inFlight, triggers)]);
    }
  }
  const medians = contestants.map(({ name, figures }) => {
    const all = figures.get(inFlight) ?? [];
    const middle = (/** @type {'cpuUs' | 'kernelUs' | 'perSecond'} */ figure) =>
      median(all.map((one) => one[figure]));
    return { name, cpu: middle('cpuUs'), kernel: middle('kernelUs'), rate: middle('perSecond') };
  });
  const peer = medians[0];
  for (const { name, cpu, kernel, rate } of medians) {
    const ratios = [cpu / (peer?.cpu ?? 1), rate / (peer?.rate ?? 1)].map((ratio) => ratio.toFixed(2));
    const cost = `${cpu.toFixed(2)} (${kernel.toFixed(2)})`;
    console.log(
      [
        String(inFlight).padStart(9),
        `  ${name.padEnd(17)}`,
        rate.toFixed(0).padStart(14),
        cost.padStart(41),
      ].join('') + `${ratios[0]?.padStart(12)}${ratios[1]?.padStart(13)}`,
    );
  }
}
for (const { load } of contestants) load.kill();
for (const server of [hub, plain, redis]) await server.stop();
