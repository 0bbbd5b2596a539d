// Loaded into the node that is measured: writes how long the turns of its event loop were, as one line of JSON each, to the file that BENCH_TURNS names. By
// CPU of the thread, so that other processes do not count; what the garbage collector took of a turn is told apart.
import { appendFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

const WRITE_EVERY_MS = 200;
const LOOK_EVERY_MS = 5;
/** What is shorter is of no interest. */
const LONG_MS = 10;
const file = process.env['BENCH_TURNS'];

/** @typedef {{ at: number, stallMs: number, turnMs: number, gcMs: number }} TurnMeasurement */
/** @typedef {{ from: number, to: number, cpuMs: number }} Turn */

if (file) {
  // A histogram of Node's own forgets, at its reset, the stall that it is in.
  let stallMs = 0;
  /** @type {Turn[]} */
  let turns = [];
  /** @type {import('node:perf_hooks').PerformanceEntry[]} */
  let collections = [];
  new PerformanceObserver((list) => collections.push(...list.getEntries())).observe({ entryTypes: ['gc'] });

  let last = look();
  setInterval(() => {
    const now = look();
    const turn = { from: last.at, to: now.at, cpuMs: now.cpuMs - last.cpuMs };
    if (turn.cpuMs > LONG_MS) turns.push(turn);
    stallMs = Math.max(stallMs, turn.to - turn.from);
    last = now;
  }, LOOK_EVERY_MS).unref();

  setInterval(() => {
    const measurement = {
      at: Date.now(),
      stallMs,
      turnMs: Math.max(0, ...turns.map((turn) => turn.cpuMs - within(turn, collections))),
      gcMs: Math.max(0, ...collections.map(({ duration }) => duration)),
    };
    stallMs = 0;
    [turns, collections] = [[], []];
    appendFileSync(file, `${JSON.stringify(measurement)}\n`);
  }, WRITE_EVERY_MS).unref();
}

function look() {
  const { user, system } = process.threadCpuUsage();
  return { at: performance.now(), cpuMs: (user + system) / 1_000 };
}

/**
 * How much of the turn was garbage collection.
 * @param {Turn} turn
 * @param {readonly import('node:perf_hooks').PerformanceEntry[]} collections
 */
function within({ from, to }, collections) {
  const inside = collections.filter(({ startTime }) => startTime >= from && startTime < to);
  return inside.reduce((sum, { duration }) => sum + duration, 0);
}
