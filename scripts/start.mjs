// One hub without Redis, with a first event to see. Does all the set-up that a fresh machine needs.
import { once } from 'node:events';
import { untilSignal } from './until-signal.mjs';

// From here on: else the hub would outlive this process.
const asked = untilSignal();

const { build, chosenPort, fail, installPackages } = await import('./set-up.mjs');
installPackages();
build();

const { startHubNode } = await import('./hub-node.mjs');
const { io } = await import('socket.io-client');

const port = chosenPort();
const env = { LOG_LEVEL: 'warn', RINGBACK_SHUTDOWN_DELAY_MS: '0', ...process.env, REDIS_URL: '' };
const node = await startHubNode({ port, env }).catch((/** @type {unknown} */ error) => fail(String(error)));
if (asked.isAsked) await leave();

/** @returns {Promise<never>} */
async function leave() {
  await node.stop();
  process.exit(0);
}

/** How long the first event may take. */
const SHOWN_WITHIN_MS = 10_000;

/** Subscribes to an event, triggers it over HTTP, and shows what arrives. */
async function showAnEvent() {
  const path = process.env['RINGBACK_SOCKETIO_PATH']?.trim() || '/socket.io';
  const signal = AbortSignal.timeout(SHOWN_WITHIN_MS);
  const socket = io(node.url, { path, transports: ['websocket'] });
  const received = once(/** @type {any} */ (socket), 'ReceiveEvent', { signal });
  received.catch(() => 'awaited below, unless something before fails');
  await socket.timeout(SHOWN_WITHIN_MS).emitWithAck('SubscribeToEvent', 'hello', 'my cookie');
  await fetch(`${node.url}/v1/events/hello/trigger`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'Somebody is at the door.',
    signal,
  });
  const [eventguid, cookie, data, meta] = await received;
  socket.disconnect();
  console.log(
    `ReceiveEvent  eventguid: ${eventguid}  cookie: ${cookie}  data: ${data}  position: ${meta.position}`,
  );
}

console.log(`\nA hub answers at ${node.url}\n`);
if (process.env['RINGBACK_ACCESS_TOKENS']?.trim()) {
  console.log('RINGBACK_ACCESS_TOKENS is set: whoever subscribes or triggers shows one of them.');
} else {
  console.log('Subscribed to "hello", leaving "my cookie", and triggered it:');
  await showAnEvent().catch((/** @type {unknown} */ error) =>
    console.error(`No event came: ${String(error)}`),
  );
}
console.log(`
What to try next
  open     ${node.url}          subscribe, trigger and watch in the browser
  open     ${node.url}/docs     the HTTP interface
  trigger  curl -X POST ${node.url}/v1/events/hello/trigger -H 'content-type: text/plain' -d 'Hi'
  cluster  npm run cluster      three nodes, Redis and a load balancer

Ctrl-C stops it.`);

await Promise.race([asked.signal, node.exited]);
if (!asked.isAsked) fail(`The hub has ended:\n${node.output()}`);
await leave();
