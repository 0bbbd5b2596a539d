// The load, in a process of its own: 1,000 WebSocket subscribers with distinct cookies, and one connection that triggers.
// Speaks just enough Engine.IO and Socket.IO to count frames cheaply. Reads commands from its parent, answers with figures.
import { once } from 'node:events';
import { WebSocket } from 'ws';

const EVENTGUID = 'bench-event';
const DATA = 'x'.repeat(100);

const [url = '', count = '1000'] = process.argv.slice(2);
const subscribers = Number(count);
let delivered = 0;
/** @type {() => void} */
let onDelivered = () => undefined;

/**
 * Opens a Socket.IO connection by hand and resolves once it is in the namespace `/`.
 * @param {(message: string) => void} onMessage
 */
async function open(onMessage) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const joined = new Promise((resolve) => {
    socket.on('message', (bytes) => {
      const message = /** @type {Buffer} */ (bytes).toString();
      if (message === '2') socket.send('3');
      else if (message.startsWith('0')) socket.send('40');
      else if (message.startsWith('40')) resolve(undefined);
      else onMessage(message);
    });
  });
  await once(socket, 'open');
  await joined;
  return socket;
}

/** @param {number} index */
async function subscribe(index) {
  const cookie = `Viewmodel=Bench&RootId=${index}`;
  const expected = `42["ReceiveEvent","${EVENTGUID}","${cookie}",`;
  /** @type {(value: unknown) => void} */
  let answered;
  const answer = new Promise((resolve) => (answered = resolve));
  const socket = await open((message) => {
    if (message.startsWith(expected)) {
      delivered++;
      onDelivered();
    } else if (message.startsWith('430')) answered(undefined);
    else throw new Error(`unexpected: ${message}`);
  });
  socket.send(`420${JSON.stringify(['SubscribeToEvent', EVENTGUID, cookie])}`);
  await answer;
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
      while (sent < triggers && sent - Math.floor(delivered / subscribers) < inFlight) {
        sent++;
        trigger.send(`42${sent}${JSON.stringify(['TriggerEvent', EVENTGUID, DATA])}`);
      }
    };
    onDelivered();
  });
  return { deliveries: delivered, ms: performance.now() - startedAt };
}

for (let index = 0; index < subscribers; index += 50) {
  await Promise.all(
    Array.from({ length: Math.min(50, subscribers - index) }, (_, more) => subscribe(index + more)),
  );
}
const trigger = await open(() => undefined);
process.on('message', (/** @type {{ triggers: number, inFlight: number }} */ round) => {
  run(trigger, round).then(
    (figures) => process.send?.(figures),
    (/** @type {unknown} */ error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.('ready');
