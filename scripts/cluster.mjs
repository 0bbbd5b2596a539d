// Three nodes, a Redis and a load balancer on one port of this machine, until Ctrl-C.
import { once } from 'node:events';
import { build, installPackages, installPrograms } from './set-up.mjs';

installPackages();
installPrograms(['redis-server', 'haproxy']);
build();

const { freePort } = await import('./processes.mjs');
const { startRedisServer } = await import('./redis.mjs');
const { startHubNode } = await import('./hub-node.mjs');
const { startHaproxy } = await import('./haproxy.mjs');

const NODES = 3;
const port = Number(process.env['PORT'] ?? 8080);
/** @type {import('./processes.mjs').Running[]} */
const running = [];

/** Ends what was started, the last first. */
async function stop() {
  for (const part of running.toReversed()) {
    await part.stop();
    console.log(`stopped ${part.name}`);
  }
}

/** @param {string} redisUrl */
async function startNodes(redisUrl) {
  const ports = [];
  for (let index = 1; index <= NODES; index++) {
    const nodePort = await freePort();
    const env = {
      REDIS_URL: redisUrl,
      RINGBACK_NODE_ID: `node${index}`,
      LOG_LEVEL: 'warn',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
    };
    running.push(await startHubNode({ port: nodePort, env }));
    ports.push(nodePort);
  }
  return ports;
}

const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => undefined);
try {
  const redis = await startRedisServer();
  running.push(redis);
  const nodes = await startNodes(redis.url);
  const balancer = await startHaproxy({ port, nodes });
  running.push(balancer);
  console.log(`
A cluster of ${NODES} nodes answers at ${balancer.url}

  nodes   ${nodes.map((node) => `http://127.0.0.1:${node}`).join('  ')}
  Redis   ${redis.url}

Open ${balancer.url} in two browsers, or try:
  curl -X POST ${balancer.url}/v1/events/hello/trigger -H 'content-type: text/plain' -d 'anyone there?'
  curl ${balancer.url}/v1/nodes

Ctrl-C stops it all.`);
  const ended = await Promise.race([asked, ...running.map((part) => part.exited.then(() => part))]);
  if (ended) throw new Error(`${ended.name} has ended:\n${ended.output()}`);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  await stop();
}
process.exit();
