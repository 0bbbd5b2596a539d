import { setTimeout as delay } from 'node:timers/promises';
import { subscriptions, trigger, type ListedSubscription } from '../test/support/http.js';
import type { ShownSubscription } from '../test/scenarios/named-operator.js';
import { checkStored, countMissing, type CheckOptions } from './check.js';
import { gatherFacts } from './facts.js';
import { failureOf, type Entry, type Happening, type History, type StoredSubscription } from './history.js';
import type { Surroundings } from './surroundings.js';

const COMPLETE_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 20_000;
const STORED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 1_000;
const SETTLE_MS = 1_500;
/** Triggers that are asked for after the run; numbers that no publisher reaches. */
const FIRST_LATE = 1_000_000_000;
const LATE_ATTEMPTS = 10;

let late = 0;

/** Waits until each node may be sent clients again; after a while, it is recorded that it may not. */
export async function untilReady({ nodes }: Surroundings, history: History): Promise<void> {
  const from = history.nowMs;
  const waiting = nodes.map(async ({ nodeId, url }) => {
    const isReady = await until(READY_WITHIN_MS, async () => (await fetch(`${url}/health/ready`)).ok);
    history.add({ kind: 'noted', what: `${nodeId} ready, or given up, after ${history.nowMs - from} ms` });
    if (!isReady) history.add({ kind: 'unready', nodeId });
  });
  await Promise.all(waiting);
}

/** Waits until nothing is missing any more; gives up after a while, and then the check says what is. */
export async function untilComplete(history: History, options: CheckOptions): Promise<void> {
  const from = history.nowMs;
  await until(COMPLETE_WITHIN_MS, async () => {
    const unanswered = [...gatherFacts(history.entries).subscriptions.values()].some(
      ({ subscribed, ended }) => !subscribed && !ended,
    );
    return !unanswered && countMissing(history.entries, options) === 0;
  });
  history.add({ kind: 'noted', what: `complete, or given up, after ${history.nowMs - from} ms` });
  await delay(SETTLE_MS); // what comes too often may come late
}

/** Records what the hub has stored, as soon as it is right; after a while, as it is. */
export async function recordStored(
  surroundings: Surroundings,
  eventguids: readonly string[],
  history: History,
  options: CheckOptions,
): Promise<void> {
  const from = history.nowMs;
  let found: readonly Happening[] = [];
  await until(STORED_WITHIN_MS, async () => {
    found = await look(surroundings, eventguids, history.entries.length);
    const at = history.nowMs;
    const entries: Entry[] = [...history.entries, ...found.map((happening) => ({ ...happening, at }))];
    return checkStored(entries, options).length === 0;
  });
  for (const happening of found) history.add(happening);
  history.add({ kind: 'noted', what: `stored, or given up, after ${history.nowMs - from} ms` });
}

/** One more trigger of each event, which everybody who is still subscribed is to receive. */
export async function triggerAllLate(
  surroundings: Surroundings,
  eventguids: readonly string[],
  history: History,
): Promise<void> {
  for (const eventguid of eventguids)
    await triggerLate(surroundings, eventguid, FIRST_LATE + late++, history);
}

async function look(
  { nodes }: Surroundings,
  eventguids: readonly string[],
  askedAt: number,
): Promise<readonly Happening[]> {
  const [first] = nodes;
  if (!first) return [];
  const { items } = (await (await fetch(`${first.url}/v1/nodes`)).json()) as { items: { nodeId: string }[] };
  const found: Happening[] = [
    { kind: 'nodes', listed: items.map(({ nodeId }) => nodeId), running: nodes.map(({ nodeId }) => nodeId) },
  ];
  for (const eventguid of eventguids) {
    const listed = await subscriptions(first.url, eventguid);
    const { subscribers } = (await (await fetch(`${first.url}/v1/events/${eventguid}`)).json()) as {
      subscribers: number;
    };
    found.push({ kind: 'stored', eventguid, subscriptions: listed.map(storedOf), subscribers, askedAt });
  }
  return found;
}

function storedOf(listed: ListedSubscription & Pick<ShownSubscription, 'session'>): StoredSubscription {
  const { cookie, nodeId, session } = listed;
  return { cookie, nodeId, ...(session && { pending: session.pending }) };
}

async function triggerLate(
  surroundings: Surroundings,
  eventguid: string,
  number: number,
  history: History,
): Promise<void> {
  const key = `late-${number}`;
  for (let attempt = 1; attempt <= LATE_ATTEMPTS; attempt++) {
    const fired = { trigger: number, attempt };
    history.add({ kind: 'invoked', ...fired, eventguid, key, oneShot: false, via: 'http' });
    try {
      const { url } = surroundings.node(number + attempt);
      const { position } = await trigger(url, eventguid, { data: String(number), key });
      history.add({ kind: 'accepted', ...fired, position });
      return;
    } catch (error) {
      history.add({ kind: 'noted', what: `late: ${String(error)}` });
      history.add(failureOf(fired, 'relay-unavailable'));
      await delay(LOOK_EVERY_MS);
    }
  }
}

/** Whether the condition came true within the time. */
export async function until(withinMs: number, condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (await condition().catch(() => false)) return true;
    await delay(LOOK_EVERY_MS);
  }
  return false;
}
