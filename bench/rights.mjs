// What rights per event cost: subscribe and trigger of one hub in memory, with and without them, in turns.
// npm run bench:rights [-- ROUNDS]
import { CompiledRights, RightsAccess } from '@ringback/access-rights';
import { DEFAULT_LIMITS, parseEventGuid } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';

const ROUNDS = Number(process.argv[2] ?? 15);
const COMMANDS = 3_000;

const RIGHTS = {
  subscribe: ['news', 'user-{sub}-*', 'room-*-open', 'order-*'],
  trigger: ['news', 'user-{sub}-*', 'room-*-open', 'order-*'],
  deny: { subscribe: ['order-secret-*'], trigger: ['order-secret-*'] },
};
const GUID = parseEventGuid('order-2f1c7a52-0f3e-4b8c-9d55-3a1f0e6b7c21');

const codec = { name: 'bench', encodeCookie: () => '', prepare: () => () => '' };

/** @param {import('@ringback/core').AccessPolicy} access */
function hubWith(access) {
  const outside = { access, clock: new SystemClock(), log: new SilentLog(), metrics: new CountingMetrics() };
  const ports = { ...new MemoryCluster().node(), ...outside };
  const options = { nodeId: 'n', address: '', version: '0', limits: DEFAULT_LIMITS, leaseMs: 60_000 };
  return new Hub(ports, options);
}

/**
 * Microseconds of CPU a command.
 * @param {(index: number) => Promise<unknown>} command
 */
async function costOf(command) {
  const before = process.cpuUsage();
  for (let index = 0; index < COMMANDS; index++) await command(index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / COMMANDS;
}

const claims = { sub: 'ann', ringback: RIGHTS };
const verifier = { verify: async () => ({ subject: 'ann', claims }) };
const sides = await Promise.all(
  [new OpenAccess(), new RightsAccess({ verifier })].map(async (access) => {
    const hub = hubWith(access);
    const identity = await hub.authenticate({ token: 't' });
    const close = () => {};
    const send = () => {};
    const link = { connectionId: 'c', gateway: 'bench', codec, bufferedBytes: 0, send, close };
    hub.connect(link, identity);
    return {
      subscribe: (/** @type {number} */ index) =>
        hub.subscribe('c', { eventguid: GUID, cookie: String(index) }),
      trigger: () => hub.trigger(identity, { eventguid: GUID, data: 'd', removeAfterSend: false }),
    };
  }),
);

const never = () => Promise.reject(new Error('There are two sides.'));

const median = (/** @type {number[]} */ numbers) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

for (const verb of /** @type {const} */ (['subscribe', 'trigger'])) {
  /** @type {number[][]} */
  const costs = [[], []];
  for (let round = 0; round < ROUNDS; round++)
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0])
      costs[index]?.push(await costOf(sides[index]?.[verb] ?? never));
  const [without = 0, withRights = 0] = costs.map((all) => median(all.slice(2)));
  const ratio = (withRights / without).toFixed(2);
  console.log(`${verb}  without ${without.toFixed(2)} µs  with ${withRights.toFixed(2)} µs  ratio ${ratio}`);
}

const rights = new CompiledRights(RIGHTS, claims);
const answers = 2_000_000;
for (let round = 0; round < 2; round++) {
  const before = process.cpuUsage();
  let allowed = 0;
  for (let index = 0; index < answers; index++) if (rights.allows('subscribe', GUID)) allowed++;
  const { user } = process.cpuUsage(before);
  console.log(
    `allows  ${((user * 1_000) / answers).toFixed(0)} ns, ${allowed === answers ? 'allowed' : 'denied'}`,
  );
}
process.exit(0);
