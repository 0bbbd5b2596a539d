// How long the event loop of a node stands still where work grows with the number of its subscriptions. Each case on a hub of its own, on one Redis; the
// table says the longest turn, in CPU and without garbage collection, the longest pause of that, and the longest stall by the clock, which counts both and
// whatever else runs on the machine.
// npm run bench:turns [-- --only cut,drain --subscriptions 100000 --connections 1000 --crowd 15000]
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { build, fail, installPackages, installPrograms } from '../scripts/set-up.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    subscriptions: { type: 'string', default: '100000' },
    connections: { type: 'string', default: '1000' },
    crowd: { type: 'string', default: '15000' },
  },
});

installPackages();
installPrograms(['redis-server']);
build();

const { MeasuredHub, Subscribers } = await import('./turns/measured-hub.mjs');
const { OwnRedis } = await import('./turns/own-redis.mjs');

const BOUND_MS = 50;
const DELETES_AT_ONCE = 50;
const SHARED = 'shared';
const SWEPT = 'ringback_expired_subscriptions_total';
const HELD = 'ringback_subscriptions';

/** Events of their own for each connection. */
const many = {
  connections: Number(values.connections),
  each: Math.ceil(Number(values.subscriptions) / Number(values.connections)),
};
const one = { connections: 1, each: 20_000 };
/** One event for all. */
const crowd = { connections: Number(values.crowd), each: 1, shared: SHARED };

/** @typedef {{ hub: InstanceType<typeof MeasuredHub>, clients: InstanceType<typeof Subscribers>, env: Record<string, string> }} Stage */
/** @typedef {{ load: import('./turns/measured-hub.mjs').Load, what: string, env?: Record<string, string>, work: (stage: Stage) => Promise<unknown> }} Case */

/** @param {Stage} stage */
async function cut({ hub, clients }) {
  clients.cut();
  await hub.until(HELD, (held) => held === 0);
  await redis.untilQuiet();
}

/** @param {string} url @param {string} path @param {RequestInit} init */
async function ask(url, path, init) {
  const answer = await fetch(`${url}${path}`, init);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** @param {string} url @param {Record<string, unknown>} trigger */
function trigger(url, trigger) {
  const headers = { 'content-type': 'application/json' };
  return ask(url, `/v1/events/${SHARED}/trigger`, { method: 'POST', headers, body: JSON.stringify(trigger) });
}

/** @typedef {{ items: readonly { subscriberId: string }[], next?: string }} SubscriptionPage */

/** @param {Stage} stage */
async function deleteAll({ hub }) {
  let cursor = '';
  do {
    const path = `/v1/events/${SHARED}/subscriptions`;
    const answer = await ask(hub.url, `${path}?limit=1000${cursor && `&cursor=${cursor}`}`, {});
    const page = /** @type {SubscriptionPage} */ (await answer.json());
    const left = page.items.map(({ subscriberId }) => subscriberId);
    const remove = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop())
        await ask(hub.url, `${path}/${encodeURIComponent(next)}`, { method: 'DELETE' });
    };
    await Promise.all(Array.from({ length: DELETES_AT_ONCE }, remove));
    cursor = page.next ?? '';
  } while (cursor);
  await hub.until(HELD, (held) => held === 0);
}

/** @type {Record<string, Case>} */
const cases = {
  cut: { load: many, what: 'all connections are cut', work: cut },
  'cut-one': { load: one, what: 'one connection with 20,000 is cut', work: cut },
  'cut-crowd': { load: crowd, what: 'all of one event are cut', work: cut },
  unsubscribe: {
    load: many,
    what: 'all are unsubscribed',
    work: ({ clients }) => clients.do('leave'),
  },
  drain: { load: many, what: 'the node drains', work: ({ hub }) => hub.drain() },
  'drain-at-once': {
    load: many,
    what: 'the node drains, in no time',
    env: { RINGBACK_DRAIN_MS: '0' },
    work: ({ hub }) => hub.drain(),
  },
  restore: {
    load: many,
    what: 'Redis is restarted and has lost all',
    work: async () => {
      await redis.restart();
      await redis.untilQuiet(many.connections * many.each);
    },
  },
  sweep: {
    load: many,
    what: 'another node has died',
    env: { RINGBACK_NODE_LEASE_MS: '3000' },
    work: async ({ hub, env }) => {
      const dying = await MeasuredHub.start(env);
      const clients = new Subscribers(dying.url, many);
      await clients.do('come');
      await dying.stop();
      dying.forget();
      await hub.until(SWEPT, (swept) => swept >= many.connections * many.each);
      clients.cut();
    },
  },
  delete: { load: crowd, what: 'an operator deletes all of one event', work: deleteAll },
  'fan-out': {
    load: crowd,
    what: 'one envelope for all',
    work: async ({ hub, clients }) => {
      await trigger(hub.url, { data: 'x' });
      await clients.until(crowd.connections);
    },
  },
  'one-shot': {
    load: crowd,
    what: 'a one-shot for all',
    work: async ({ hub, clients }) => {
      await trigger(hub.url, { data: 'x', removeAfterSend: true });
      await clients.until(crowd.connections);
      await hub.until(HELD, (held) => held === 0);
    },
  },
};

/** @param {string} name */
async function outcomeOf(name) {
  const { load, what, env: own = {}, work } = /** @type {Case} */ (cases[name]);
  await redis.clear();
  const env = { REDIS_URL: redis.url, ...own };
  const hub = await MeasuredHub.start(env);
  const clients = new Subscribers(hub.url, load);
  try {
    // The node that sweeps has none of its own.
    const subscribing = name === 'sweep' ? undefined : await hub.during(() => clients.do('come'));
    return { what, load, subscribing, ...(await hub.during(() => work({ hub, clients, env }))) };
  } finally {
    clients.cut();
    await hub.stop();
    hub.forget();
  }
}

/**
 * @param {string} what
 * @param {import('./turns/measured-hub.mjs').Load} load
 * @param {{ ms: number, turnMs: number, gcMs: number, stallMs: number }} figures
 */
function print(what, { connections, each }, { ms, turnMs, gcMs, stallMs }) {
  const held = `${connections.toLocaleString('en')} × ${each.toLocaleString('en')}`;
  const turn = turnMs > BOUND_MS ? `**${turnMs.toFixed(0)}**` : turnMs.toFixed(0);
  const figures = [(ms / 1_000).toFixed(1), turn, gcMs.toFixed(0), stallMs.toFixed(0)];
  console.log(`| ${[what, held, ...figures].join(' | ')} |`);
}

const chosen = values.only?.split(',') ?? Object.keys(cases);
const unknown = chosen.find((name) => !cases[name]);
if (unknown) fail(`There is no case '${unknown}': ${Object.keys(cases).join(', ')}.`);

const redis = await OwnRedis.start();
console.log(`Node ${process.version}, ${availableParallelism()} cores\n`);
console.log(
  '| What happens | connections × subscriptions | took s | longest turn, CPU ms | longest GC pause ms | longest stall ms |',
);
console.log('|---|---|---|---|---|---|');
for (const name of chosen) {
  const { what, load, subscribing, ...acting } = await outcomeOf(name);
  if (subscribing) print(`(${name}: all subscribe)`, load, subscribing);
  print(what, load, acting);
}
await redis.stop();
process.exit();
