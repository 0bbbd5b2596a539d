// What one subscriber that stops reading costs the others: the p99 of the time from trigger to delivery at 299 clients, over equal
// windows of one run, in which a 300th client reads and in which it does not. In turns, medians.
// npm run bench:deaf [-- --windows 3 --seconds 6 --perSecond 50]
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { build, installPackages, installPrograms } from '../scripts/set-up.mjs';

installPackages();
installPrograms(['redis-server']);
build();

const { freePort } = await import('../scripts/processes.mjs');
const { startRedisServer } = await import('../scripts/redis.mjs');
const { startHubNode } = await import('../scripts/hub-node.mjs');

const { values } = parseArgs({
  options: {
    windows: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '6' },
    perSecond: { type: 'string', default: '50' },
  },
});
const windows = Number(values.windows);
const windowMs = Number(values.seconds) * 1_000;
const perSecond = Number(values.perSecond);

const OTHERS = 299;
/** All subscribe to it; its data is when it was triggered, in ms of this process. */
const SHARED = 'shared';
/** Only the 300th subscribes to it: fills what the operating system and the hub hold for a connection. */
const LARGE = 'large';
const LARGE_DATA = 'd'.repeat(60_000);
/** One large trigger to so many shared ones. */
const LARGE_EVERY = 2;
/** Below this a p99 is the machine's noise. */
const FLOOR_MS = 5;
const BOUND = 1.5;
const LOOK_EVERY_MS = 50;

/**
 * Opens a Socket.IO connection by hand and resolves once it is in the namespace `/` and has subscribed.
 * @param {string} url
 * @param {readonly string[]} eventguids
 * @param {(message: string) => void} onDelivery
 */
async function open(url, eventguids, onDelivery = () => undefined) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  let answers = 0;
  await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      const message = /** @type {Buffer} */ (bytes).toString();
      if (message === '2') socket.send('3');
      else if (message.startsWith('0')) socket.send('40');
      else if (message.startsWith('40')) {
        for (const [id, eventguid] of eventguids.entries())
          socket.send(`42${id}${JSON.stringify(['SubscribeToEvent', eventguid, 'cookie'])}`);
        if (eventguids.length === 0) resolve(undefined);
      } else if (message.startsWith('42')) onDelivery(message);
      else if (message.startsWith('43') && ++answers === eventguids.length) resolve(undefined);
    });
  });
  return socket;
}

const redis = await startRedisServer();
const hub = await startHubNode({ port: await freePort(), env: { REDIS_URL: redis.url, LOG_LEVEL: 'warn' } });

/** Of the window that runs, in ms. @type {number[]} */
let times = [];
const shared = `42["ReceiveEvent","${SHARED}","cookie","`;
for (let count = 0; count < OTHERS; count++) {
  await open(hub.url, [SHARED], (message) => {
    times.push(performance.now() - Number.parseFloat(message.slice(shared.length)));
  });
}
const trigger = await open(hub.url, []);

/** Connections that were closed because they did not read. */
async function overruns() {
  const text = await (await fetch(`${hub.url}/metrics`)).text();
  return Number(
    /^ringback_disconnections_total\{gateway="socketio",reason="slow-consumer"\} (\d+)$/m.exec(text)?.[1] ??
      0,
  );
}

/** Triggers at a steady pace, by the clock, for one window; resolves when all deliveries of it have come. */
async function triggerThroughout() {
  const beganAt = performance.now();
  const most = (windowMs / 1_000) * perSecond;
  let sent = 0;
  const send = () => {
    const due = Math.min(most, ((performance.now() - beganAt) / 1_000) * perSecond);
    for (; sent < due; sent++) {
      trigger.send(`42${JSON.stringify(['TriggerEvent', SHARED, performance.now().toFixed(3)])}`);
      if (sent % LARGE_EVERY === 0) trigger.send(`42${JSON.stringify(['TriggerEvent', LARGE, LARGE_DATA])}`);
    }
  };
  const pace = setInterval(send, 1_000 / perSecond);
  while (times.length < most * OTHERS) await delay(LOOK_EVERY_MS);
  clearInterval(pace);
}

/** The p99 of one window, in ms. @param {boolean} deaf whether the 300th stops reading */
async function p99(deaf) {
  const last = await open(hub.url, [SHARED, LARGE]);
  if (deaf) last.pause();
  times = [];
  await triggerThroughout();
  const sorted = Float64Array.from(times).sort();
  const closed = once(last, 'close');
  last.terminate();
  if (!deaf) await closed;
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

await p99(false); // warm
/** @type {{ reads: number[], deaf: number[] }} */
const figures = { reads: [], deaf: [] };
for (let window = 0; window < windows; window++) {
  figures.reads.push(await p99(false));
  figures.deaf.push(await p99(true));
}
const closed = await overruns();

const samples = ((windowMs / 1_000) * perSecond * OTHERS).toLocaleString('en');
console.log(
  `p99 from trigger to delivery at ${OTHERS} clients, ${windows} windows each of ${values.seconds} s and ${samples} deliveries, Node ${process.version}\n`,
);
for (const [name, each] of [
  ['all read', figures.reads],
  ['one is deaf', figures.deaf],
]) {
  const list = /** @type {number[]} */ (each).map((ms) => ms.toFixed(2)).join('  ');
  console.log(
    `${String(name).padEnd(12)} median ${median(/** @type {number[]} */ (each)).toFixed(2)} ms   (${list})`,
  );
}
const [quiet, deaf] = [figures.reads, figures.deaf].map((each) => Math.max(FLOOR_MS, median(each)));
const ratio = (deaf ?? Number.NaN) / (quiet ?? Number.NaN);
console.log(
  `ratio        ${ratio.toFixed(2)}, both at least ${FLOOR_MS} ms: ${ratio <= BOUND ? 'within' : 'ABOVE'} ${BOUND}`,
);
console.log(`closed       ${closed} of ${windows} deaf clients at their bound`);

for (const server of [hub, redis]) await server.stop();
process.exit();
