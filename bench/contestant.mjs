// One server of the fan-out bench, with a load of its own: what a delivery costs there.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TICK_US = 10_000; // USER_HZ is 100 on Linux

/** @typedef {{ cpuUs: number, kernelUs: number, perSecond: number }} Figures */
/** What its children use, started before its load, counts as its own. @typedef {{ pid: number, url: string, stop: () => Promise<unknown> }} Server */

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(round: { inFlight: number, triggers: number }) => Promise<Figures>} run resolves when all deliveries of the round have come
 * @property {() => Promise<void>} stop ends both processes
 */

/**
 * Starts the load of a server; resolves when all subscribers are subscribed.
 * @param {string} name
 * @param {Server} server
 * @param {{ dialect: string, subscribers: string }} options
 * @returns {Promise<Contestant>}
 */
export async function startContestant(name, server, { dialect, subscribers }) {
  const load = fork(join(import.meta.dirname, 'load-client.mjs'), [server.url, dialect, subscribers]);
  const stop = async () => {
    load.kill();
    await server.stop();
  };
  try {
    await answerOf(name, load);
  } catch (error) {
    await stop();
    throw error;
  }
  const processes = [server.pid, ...childrenOf(server.pid)];
  const run = async (/** @type {{ inFlight: number, triggers: number }} */ round) => {
    const before = cpuOf(processes);
    load.send(round);
    const { deliveries, ms } = await answerOf(name, load);
    const after = cpuOf(processes);
    return {
      cpuUs: (after.cpuUs - before.cpuUs) / deliveries,
      kernelUs: (after.kernelUs - before.kernelUs) / deliveries,
      perSecond: (deliveries / ms) * 1_000,
    };
  };
  return { name, run, stop };
}

/**
 * The next message of a load; rejects if it ends instead.
 * @param {string} name
 * @param {import('node:child_process').ChildProcess} load
 */
async function answerOf(name, load) {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(load, 'exit', { signal }).then(([code]) => {
    throw new Error(`the load of ${name} ended with ${code}`);
  });
  try {
    const [answer] = await Promise.race([once(load, 'message', { signal }), ended]);
    return answer;
  } finally {
    ended.catch(() => 'of no concern once it has answered');
    over.abort();
  }
}

/** The workers of a server that has any. @param {number} pid */
function childrenOf(pid) {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** CPU time that processes have used in all, and of that in the kernel, in µs. @param {readonly number[]} pids */
function cpuOf(pids) {
  let [userUs, kernelUs] = [0, 0];
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    userUs += Number(fields[11]) * TICK_US;
    kernelUs += Number(fields[12]) * TICK_US;
  }
  return { cpuUs: userUs + kernelUs, kernelUs };
}

/**
 * The medians of rounds.
 * @param {readonly Figures[]} rounds
 * @returns {Figures}
 */
export function medians(rounds) {
  const middle = (/** @type {keyof Figures} */ figure) => median(rounds.map((round) => round[figure]));
  return { cpuUs: middle('cpuUs'), kernelUs: middle('kernelUs'), perSecond: middle('perSecond') };
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
