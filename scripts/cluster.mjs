// Three nodes, a Redis and a load balancer on one port of this machine, until Ctrl-C. A node that is killed comes back.
import { untilSignal } from './until-signal.mjs';

// From here on: nothing that is started outlives this process.
const asked = untilSignal();

const { build, chosenPort, installPackages, installPrograms } = await import('./set-up.mjs');
installPackages();
installPrograms(['redis-server', 'haproxy']);
build();

const { freePort } = await import('./processes.mjs');
const { startRedisServer } = await import('./redis.mjs');
const { ClusterNode } = await import('./cluster-node.mjs');
const { startHaproxy } = await import('./haproxy.mjs');

const NODES = 3;
const port = chosenPort();
/** @type {{ readonly name: string, stop(): Promise<unknown> }[]} */
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
  const nodes = [];
  for (let index = 1; index <= NODES && !asked.isAsked; index++) {
    const env = { REDIS_URL: redisUrl, LOG_LEVEL: 'warn', RINGBACK_SHUTDOWN_DELAY_MS: '0' };
    const node = new ClusterNode({ id: `node${index}`, port: await freePort(), env });
    node.balancerUrl = `http://127.0.0.1:${port}`;
    running.push(node);
    await node.start();
    nodes.push(node);
  }
  return nodes;
}

/** Starts all parts, and resolves to those without which nothing goes on; to none if a signal has come meanwhile. */
async function startAll() {
  const redis = await startRedisServer();
  running.push(redis);
  const nodes = await startNodes(redis.url);
  if (asked.isAsked) return [];
  const balancer = await startHaproxy({ port, nodes: nodes.map((node) => node.port) });
  running.push(balancer);
  console.log(`
A cluster of ${NODES} nodes answers at ${balancer.url}

  Redis   ${redis.url}
${nodes.map((node) => `  ${node.id}   ${node.url}   process ${node.pid}`).join('\n')}

Open ${balancer.url} in two browsers, or try:
  curl -X POST ${balancer.url}/v1/events/hello/trigger -H 'content-type: text/plain' -d 'anyone there?'
  curl ${balancer.url}/v1/nodes
  kill -9 ${nodes[0]?.pid}   # clients that reconnect go to the other nodes, and it comes back

Ctrl-C stops it all.`);
  return [redis, balancer];
}

try {
  const parts = await startAll();
  const ended = await Promise.race([asked.signal, ...parts.map((part) => part.exited.then(() => part))]);
  if (ended) throw new Error(`${ended.name} has ended, and the cluster with it:\n${ended.output()}`);
} catch (error) {
  if (!asked.isAsked) {
    console.error(String(error));
    process.exitCode = 1;
  }
} finally {
  await stop();
}
process.exit();
