// What attackers cost the others: the time from trigger to delivery between two stock clients, while the hub has quiet and while it is attacked.
// The hub runs on one core, the attacker on another. Ends with 1 where an attack was not borne.
// npm run bench:abuse [-- --only metrics,churn --store memory|redis|all --access open|tokens --seconds 8 --quiet 4 --heap 512]
import { parseArgs } from 'node:util';
import { build, fail, installPackages, installPrograms } from '../scripts/set-up.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    store: { type: 'string', default: 'all' },
    access: { type: 'string', default: 'open' },
    seconds: { type: 'string', default: '8' },
    quiet: { type: 'string', default: '4' },
    heap: { type: 'string', default: '512' },
  },
});

installPackages();
installPrograms(['redis-server']);
build();

const { attacks } = await import('./abuse/attacks.mjs');
const { AttackedHub } = await import('./abuse/attacked-hub.mjs');
const { HEAD, rowOf } = await import('./abuse/report.mjs');
const { startRedisServer } = await import('../scripts/redis.mjs');

const hasTokens = values.access === 'tokens';
const stores = values.store === 'all' ? ['memory', 'redis'] : [values.store];
const heapMiB = Number(values.heap);

/** @returns {string[]} */
function chosen() {
  const names = values.only?.split(',') ?? Object.keys(attacks);
  const unknown = names.find((name) => !attacks[name]);
  if (unknown) fail(`There is no attack '${unknown}': ${Object.keys(attacks).join(', ')}.`);
  return names.filter((name) => hasTokens || !attacks[name]?.needsTokens);
}

/**
 * One attack on a hub of its own.
 * @param {string} name
 * @param {string} redisUrl '' for a node in memory
 */
async function outcomeOf(name, redisUrl) {
  const hub = await AttackedHub.start({ redisUrl, hasTokens, heapMiB });
  try {
    const quiet = await hub.watch(Number(values.quiet) * 1_000);
    const idle = hub.usage();
    const isAnonymous = attacks[name]?.isAnonymous ?? false;
    const { answers } = await hub.attack(name, { seconds: values.seconds, isAnonymous });
    const attacked = await hub.watch(Number(values.seconds) * 1_000);
    return {
      name,
      quiet,
      attacked,
      answers: await answers,
      idle,
      usage: hub.usage(),
      exit: hub.exit,
      heapMiB,
    };
  } finally {
    await hub.stop();
  }
}

const redis = stores.includes('redis') ? await startRedisServer() : undefined;
/** @type {string[]} */
const rows = [];
let failures = 0;
for (const store of stores) {
  for (const name of chosen()) {
    process.stderr.write(`${store}: ${attacks[name]?.what} … `);
    const outcome = await outcomeOf(name, store === 'redis' ? (redis?.url ?? '') : '');
    const { row, isBorne } = rowOf(store, outcome);
    process.stderr.write(`${isBorne ? 'borne' : 'NOT BORNE'}\n${row}\n`);
    rows.push(row);
    if (!isBorne) failures++;
  }
}
await redis?.stop();

console.log(
  `\nAttacks of ${values.seconds} s, access ${values.access}, heap limit ${heapMiB} MiB, Node ${process.version}\n\n${HEAD}`,
);
console.log(rows.join('\n'));
console.log(`\n${rows.length - failures} of ${rows.length} borne.`);
process.exit(failures > 0 ? 1 : 0);
