// Loaded into the node that is attacked: writes what it uses, as one line of JSON each, to the file that BENCH_MEASUREMENTS names. A file, because
// it is to be read after the process has ended, however that was.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const EVERY_MS = 200;
const file = process.env['BENCH_MEASUREMENTS'];
const MIB = 2 ** 20;

/** @typedef {{ at: number, rssMiB: number, heapMiB: number, loopMs: number }} Measurement */

if (file) {
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage();
    const measurement = {
      at: Date.now(),
      rssMiB: rss / MIB,
      heapMiB: heapUsed / MIB,
      loopMs: loop.max / 1e6,
    };
    loop.reset();
    appendFileSync(file, `${JSON.stringify(measurement)}\n`);
  }, EVERY_MS).unref();
}
