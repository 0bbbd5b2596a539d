// Fan-out: the gateways of our hub (on Redis), a plain Socket.IO server that emits to each socket, and nginx with nchan. In one run, in turns, medians.
// npm run bench:fanout [-- --gateway socketio|signalr|sse|stream-ids|all --subscribers 1000 --rounds 5]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, fail, installPackages, installPrograms } from '../scripts/set-up.mjs';

const { values } = parseArgs({
  options: {
    gateway: { type: 'string', default: 'socketio' },
    subscribers: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
  },
});

installPackages();
installPrograms(['redis-server', 'nginx', 'nchan']);
build();

const { medians, startContestant } = await import('./contestant.mjs');
const { freePort, start } = await import('../scripts/processes.mjs');
const { startRedisServer } = await import('../scripts/redis.mjs');
const { startHubNode } = await import('../scripts/hub-node.mjs');
const { startNchan } = await import('./nchan.mjs');

const { subscribers } = values;
const rounds = Number(values.rounds);
const HEAD =
  'in flight  server                           deliveries/s   server CPU µs/delivery (in the kernel)   CPU ratio   rate ratio';

/** @typedef {import('./contestant.mjs').Figures} Figures */
/** @typedef {{ name: string, dialect: string, server: () => Promise<import('./contestant.mjs').Server> }} Entry */

/** @type {Record<'plain' | 'socketio' | 'json' | 'messagepack' | 'nchan' | 'stream' | 'envelope' | 'list' | 'journal' | 'busy', Entry>} */
const entries = {
  plain: { name: 'plain Socket.IO', dialect: 'socketio', server: startPlain },
  socketio: { name: 'Ringback Socket.IO', dialect: 'socketio', server: () => startHub('socketio') },
  json: { name: 'Ringback SignalR, JSON', dialect: 'signalr-json', server: () => startHub('json') },
  messagepack: {
    name: 'Ringback SignalR, MessagePack',
    dialect: 'signalr-messagepack',
    server: () => startHub('messagepack'),
  },
  nchan: { name: 'nginx with nchan, EventSource', dialect: 'nchan', server: startNchan },
  stream: { name: 'Ringback EventSource, plain', dialect: 'sse-plain', server: () => startHub('stream') },
  envelope: {
    name: 'Ringback EventSource, envelope',
    dialect: 'sse-envelope',
    server: () => startHub('envelope'),
  },
  list: { name: 'Ringback EventSource, 11 events', dialect: 'sse-list', server: () => startHub('list') },
  journal: {
    name: 'Ringback EventSource, 12 events',
    dialect: 'sse-journal',
    server: () => startHub('journal'),
  },
  busy: {
    name: 'EventSource, 100 in turn',
    dialect: 'sse-journal-busy',
    server: () => startHub('busy'),
  },
};
/** The first of each is what the others are compared with. @type {Readonly<Record<string, Entry[]>>} */
const races = {
  socketio: [entries.plain, entries.socketio],
  signalr: [entries.socketio, entries.json, entries.messagepack],
  sse: [entries.nchan, entries.stream, entries.envelope, entries.list, entries.socketio],
  'stream-ids': [entries.stream, entries.list, entries.journal, entries.busy],
  all: Object.values(entries),
};

async function startPlain() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [join(import.meta.dirname, 'plain-socketio-server.mjs')];
  const ready = async () => (await fetch(`${url}/health/ready`)).ok;
  const env = { ...process.env, PORT: String(port) };
  return { ...(await start({ name: 'plain Socket.IO', command: process.execPath, args, env, ready })), url };
}

/** A node, and cluster, of its own, so that no gateway's code is warmed by another's clients. @param {string} prefix */
async function startHub(prefix) {
  const env = { REDIS_URL: redis.url, RINGBACK_REDIS_PREFIX: prefix, LOG_LEVEL: 'warn' };
  return startHubNode({ port: await freePort(), env });
}

/** @param {number} inFlight */
async function race(inFlight) {
  const round = { inFlight, triggers: inFlight === 1 ? 200 : 480 };
  const lanes = contestants.map((contestant) => ({ contestant, figures: /** @type {Figures[]} */ ([]) }));
  for (const { contestant } of lanes) await contestant.run(round); // warm
  for (let count = 0; count < rounds; count++) {
    const turn = count % 2 === 0 ? lanes : lanes.toReversed();
    for (const { contestant, figures } of turn) figures.push(await contestant.run(round));
  }
  const peer = medians(lanes[0]?.figures ?? []);
  for (const { contestant, figures } of lanes) print(inFlight, contestant.name, medians(figures), peer);
}

/**
 * @param {number} inFlight
 * @param {string} name
 * @param {Figures} figures
 * @param {Figures} peer
 */
function print(inFlight, name, { cpuUs, kernelUs, perSecond }, peer) {
  const columns = [
    String(inFlight).padStart(9),
    `  ${name.padEnd(31)}`,
    perSecond.toFixed(0).padStart(14),
    `${cpuUs.toFixed(2)} (${kernelUs.toFixed(2)})`.padStart(41),
    (cpuUs / peer.cpuUs).toFixed(2).padStart(12),
    (perSecond / peer.perSecond).toFixed(2).padStart(13),
  ];
  console.log(columns.join(''));
}

const chosen = races[values.gateway] ?? fail('--gateway is socketio, signalr, sse, stream-ids or all.');
const redis = await startRedisServer();
/** @type {import('./contestant.mjs').Contestant[]} */
const contestants = [];
try {
  for (const { name, dialect, server } of chosen)
    contestants.push(await startContestant(name, await server(), { dialect, subscribers }));
  console.log(`${subscribers} subscribers, medians of ${rounds} rounds, Node ${process.version}\n`);
  console.log(HEAD);
  for (const inFlight of [1, 16]) await race(inFlight);
} finally {
  for (const contestant of contestants) await contestant.stop();
  await redis.stop();
}
