// A stock client that subscribes, and one that triggers at a steady pace: how long others wait for a delivery. Arguments: URL, token (or '-').
import { once } from 'node:events';
import { io } from 'socket.io-client';

const PER_SECOND = 20;
const EVENTGUID = 'witnessed';
const LAST_WITHIN_MS = 10_000;

/** @typedef {{ p50Ms: number, p99Ms: number, missing: number, cuts: number }} Testimony */

const [url = '', token = '-'] = process.argv.slice(2);
const auth = token === '-' ? {} : { token };
/** When each trigger was due that has not been delivered. @type {Map<string, number>} */
const pending = new Map();
/** @type {number[]} */
let times = [];
let cuts = 0;
let sent = 0;

async function open() {
  const socket = io(url, { forceNew: true, transports: ['websocket'], auth, reconnectionDelay: 100 });
  socket.on('disconnect', () => cuts++);
  await once(/** @type {import('node:events').EventEmitter} */ (/** @type {unknown} */ (socket)), 'connect');
  return socket;
}

const [subscriber, trigger] = [await open(), await open()];
const subscribe = () => subscriber.emitWithAck('SubscribeToEvent', EVENTGUID, 'witness');
subscriber.on('connect', () => void subscribe().catch(() => undefined));
subscriber.on('ReceiveEvent', (_eventguid, _cookie, /** @type {string} */ data) => {
  const dueAt = pending.get(data);
  if (dueAt !== undefined) times.push(performance.now() - dueAt);
  pending.delete(data);
});
await subscribe();

/** Watches for so long, and then until the last delivery has come. @param {number} ms @returns {Promise<Testimony>} */
async function watch(ms) {
  times = [];
  cuts = 0;
  const [beganAt, before] = [performance.now(), sent];
  await new Promise((resolve) => {
    const pace = setInterval(() => {
      const elapsedMs = performance.now() - beganAt;
      for (; sent - before < (Math.min(elapsedMs, ms) / 1_000) * PER_SECOND; sent++) {
        // By the clock: what this process itself is late counts too.
        pending.set(String(sent), beganAt + ((sent - before) / PER_SECOND) * 1_000);
        trigger.emit('TriggerEvent', EVENTGUID, String(sent));
      }
      const isOver = elapsedMs > ms && (pending.size === 0 || elapsedMs > ms + LAST_WITHIN_MS);
      if (isOver) resolve(clearInterval(pace));
    }, 5);
  });
  const missing = pending.size;
  for (const dueAt of pending.values()) times.push(performance.now() - dueAt);
  pending.clear();
  return { ...percentiles(times), missing, cuts };
}

/** @param {number[]} all */
function percentiles(all) {
  const sorted = Float64Array.from(all).sort();
  const at = (/** @type {number} */ share) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

process.on('disconnect', () => process.exit());
process.on('message', (/** @type {{ ms: number }} */ { ms }) => {
  watch(ms).then((testimony) => process.send?.(testimony), console.error);
});
process.send?.('ready');
