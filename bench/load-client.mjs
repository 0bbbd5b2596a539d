// The load, in a process of its own: WebSocket subscribers with distinct cookies, and one connection that triggers.
// Arguments: URL, dialect, number of subscribers. Reads commands from its parent, answers with figures.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { dialects, eventOf, streams } from './dialects.mjs';
import { openStream } from './stream-subscriber.mjs';

const EVENTGUID = 'bench-event';
const DATA = 'x'.repeat(100);

const [url = '', name = '', count = '1000'] = process.argv.slice(2);
const stream = streams[name];
const dialect = dialects[stream?.triggers ?? name] ?? fail(`no dialect '${name}'`);
const busy = stream?.busy ?? 1;
const subscribers = Number(count);
let delivered = 0;
/** @type {() => void} */
let onDelivered = () => undefined;

/**
 * Opens a connection by hand and resolves once commands may be sent.
 * @param {(frame: string) => void} onFrame
 */
async function open(onFrame) {
  const socket = new WebSocket(url.replace('http', 'ws') + dialect.path);
  const opened = new Promise((resolve) => {
    socket.on('message', (bytes) => {
      const frame = /** @type {Buffer} */ (bytes).toString('latin1');
      const reply = dialect.reply(frame);
      if (reply !== undefined) send(socket, reply);
      else if (dialect.isOpened(frame)) resolve(undefined);
      else onFrame(frame);
    });
  });
  await once(socket, 'open');
  if (dialect.hello) send(socket, dialect.hello);
  if (dialect.greets) await opened;
  return socket;
}

/**
 * @param {WebSocket} socket
 * @param {string} frame
 */
function send(socket, frame) {
  socket.send(Buffer.from(frame, 'latin1'), { binary: dialect.binary });
}

/** @param {number} index */
async function subscribe(index) {
  const cookie = `Viewmodel=Bench&RootId=${index}`;
  if (stream) return openStream(url, stream.path(EVENTGUID, cookie), onArrived);
  const deliveriesIn = dialect.counter(EVENTGUID, cookie);
  /** @type {(value: unknown) => void} */
  let answered;
  const answer = new Promise((resolve) => (answered = resolve));
  const socket = await open((frame) => {
    const deliveries = deliveriesIn(frame);
    if (deliveries > 0) onArrived(deliveries);
    else if (dialect.isSubscribed(frame)) answered(undefined);
    else fail(`unexpected: ${frame}`);
  });
  send(socket, dialect.subscribe(EVENTGUID, cookie));
  await answer;
}

/** @param {number} deliveries */
function onArrived(deliveries) {
  delivered += deliveries;
  onDelivered();
}

/**
 * Triggers so many times with so many in flight; a trigger has landed when all subscribers have it.
 * @param {WebSocket} trigger
 * @param {{ triggers: number, inFlight: number }} round
 */
async function run(trigger, { triggers, inFlight }) {
  delivered = 0;
  let sent = 0;
  const startedAt = performance.now();
  await new Promise((resolve) => {
    onDelivered = () => {
      if (delivered === triggers * subscribers) resolve(undefined);
      while (sent < triggers && sent - Math.floor(delivered / subscribers) < inFlight)
        send(trigger, dialect.trigger(eventOf(EVENTGUID, sent % busy), DATA, ++sent));
    };
    onDelivered();
  });
  return { deliveries: delivered, ms: performance.now() - startedAt };
}

/**
 * @param {string} why
 * @returns {never}
 */
function fail(why) {
  console.error(why);
  process.exit(1);
}

for (let index = 0; index < subscribers; index += 50) {
  await Promise.all(
    Array.from({ length: Math.min(50, subscribers - index) }, (_, more) => subscribe(index + more)),
  );
}
const trigger = await open(() => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (/** @type {{ triggers: number, inFlight: number }} */ round) => {
  run(trigger, round).then(
    (figures) => process.send?.(figures),
    (/** @type {unknown} */ error) => fail(String(error)),
  );
});
process.send?.('ready');
