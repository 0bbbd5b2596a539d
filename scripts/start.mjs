// One hub without Redis, with a first event to see. Does all the set-up that a fresh machine needs.
import { once } from 'node:events';
import { build, fail, installPackages } from './set-up.mjs';

installPackages();
build();

const { startHubNode } = await import('./hub-node.mjs');
const { io } = await import('socket.io-client');

const port = Number(process.env['PORT'] ?? 8080);
const env = { LOG_LEVEL: 'warn', ...process.env, REDIS_URL: '' };
const node = await startHubNode({ port, env }).catch((/** @type {unknown} */ error) => fail(String(error)));

/** Subscribes to an event, triggers it over HTTP, and shows what arrives. */
async function showAnEvent() {
  const socket = io(node.url, { transports: ['websocket'] });
  const received = once(/** @type {any} */ (socket), 'ReceiveEvent');
  await socket.emitWithAck('SubscribeToEvent', 'hello', 'my cookie');
  await fetch(`${node.url}/v1/events/hello/trigger`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'Somebody is at the door.',
  });
  const [eventguid, cookie, data, meta] = await received;
  socket.disconnect();
  console.log(
    `ReceiveEvent  eventguid: ${eventguid}  cookie: ${cookie}  data: ${data}  position: ${meta.position}`,
  );
}

console.log(
  `\nA hub answers at ${node.url}\n\nSubscribed to "hello", leaving "my cookie", and triggered it:`,
);
await showAnEvent();
console.log(`
What to try next
  open     ${node.url}          subscribe, trigger and watch in the browser
  open     ${node.url}/docs     the HTTP interface
  trigger  curl -X POST ${node.url}/v1/events/hello/trigger -H 'content-type: text/plain' -d 'Hi'
  cluster  npm run cluster      three nodes, Redis and a load balancer

Ctrl-C stops it.`);

const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => 'asked');
const ended = await Promise.race([asked, node.exited]);
if (ended !== 'asked') fail(`The hub has ended:\n${node.output()}`);
await node.stop();
process.exit(0);
