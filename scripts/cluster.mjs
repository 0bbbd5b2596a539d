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

let isStopping = false;

/** Ends what was started, the last first. */
async function stop() {
  isStopping = true;
  for (const part of running.toReversed()) {
    await part.stop();
    console.log(`stopped ${part.name}`);
  }
}

/** @param {string} redisUrl */
async function startNodes(redisUrl) {
  const nodes = [];
  for (let index = 1; index <= NODES; index++) {
    const nodePort = await freePort();
    const env = {
      REDIS_URL: redisUrl,
      RINGBACK_NODE_ID: `node${index}`,
      LOG_LEVEL: 'warn',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
    };
    const node = {
      ...(await startHubNode({ port: nodePort, env })),
      id: env.RINGBACK_NODE_ID,
      port: nodePort,
    };
    running.push(node);
    reportEnd(node);
    nodes.push(node);
  }
  return nodes;
}

/** @param {import('./processes.mjs').Running & { readonly id: string }} node */
function reportEnd(node) {
  node.exited.then((code) => {
    if (!isStopping) console.log(`${node.id} has ended with ${code ?? 'a signal'}, the others go on`);
  }, console.error);
}

const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => undefined);
try {
  const redis = await startRedisServer();
  running.push(redis);
  const nodes = await startNodes(redis.url);
  const balancer = await startHaproxy({ port, nodes: nodes.map((node) => node.port) });
  running.push(balancer);
  console.log(`
A cluster of ${NODES} nodes answers at ${balancer.url}

  Redis   ${redis.url}
${nodes.map((node) => `  ${node.id}   ${node.url}   process ${node.pid}`).join('\n')}

Open ${balancer.url} in two browsers, or try:
  curl -X POST ${balancer.url}/v1/events/hello/trigger -H 'content-type: text/plain' -d 'anyone there?'
  curl ${balancer.url}/v1/nodes
  kill -9 ${nodes[0]?.pid}   # its clients go to the other nodes

Ctrl-C stops it all.`);
  const ended = await Promise.race([asked, ...[redis, balancer].map((part) => part.exited.then(() => part))]);
  if (ended) throw new Error(`${ended.name} has ended:\n${ended.output()}`);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  await stop();
}
process.exit();
