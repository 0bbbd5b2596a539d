import { countCertain } from './checks/named-acknowledged.js';
import { gatherFacts } from './facts.js';
import type { Entry } from './history.js';
import { orderOf } from './order.js';
import type { Violation } from './violation.js';

const SHOWN = 8;
const LINES = 60;
const AROUND_MS = 4_000;

/** What happened, in figures. */
export function summary(entries: readonly Entry[]): string {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const name = 'code' in entry ? `${entry.kind}(${entry.code})` : entry.kind;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const figures = [...counts].sort(([one], [other]) => one.localeCompare(other));
  const notes = entries.flatMap((entry) => (entry.kind === 'noted' ? [entry.what] : []));
  return [
    figures.map(([name, count]) => `${name} ${count}`).join('  '),
    namedSummary(entries),
    ...notes.filter((note) => note.includes('given up')),
  ].join('\n');
}

/** What named subscribers did: how much came to them again, and of how many acknowledgements it can be said that they must have counted. */
function namedSummary(entries: readonly Entry[]): string {
  const facts = gatherFacts(entries);
  const redelivered = [...facts.named.lines.values()].map(
    ({ deliveries }) => deliveries.length - new Set(deliveries.map(({ position }) => position)).size,
  );
  const figures = {
    'connections of named subscribers': facts.named.connections.size,
    redelivered: redelivered.reduce((sum, count) => sum + count, 0),
    'acknowledged for certain': countCertain(facts, orderOf(entries, true)),
  };
  return Object.entries(figures)
    .map(([name, count]) => `${name} ${count}`)
    .join('  ');
}

/** Each kind with its number, and the first few with the part of the history that shows them. */
export function describeViolations(violations: readonly Violation[], entries: readonly Entry[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of violations) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const shown = [...counts.keys()].flatMap((kind) =>
    violations.filter((violation) => violation.kind === kind).slice(0, Math.ceil(SHOWN / counts.size)),
  );
  return [
    `VIOLATIONS: ${[...counts].map(([kind, count]) => `${kind} ${count}`).join('  ')}`,
    ...shown.map((violation) => `\n# ${violation.kind}: ${violation.what}\n${slice(violation, entries)}`),
  ].join('\n');
}

/** What was said about the trigger, and what happened to the subscription and to the surroundings around that time. */
function slice(violation: Violation, entries: readonly Entry[]): string {
  const times = entries.filter((entry) => concernsTrigger(violation, entry)).map(({ at }) => at);
  const from = Math.min(...times) - AROUND_MS;
  const to = Math.max(...times) + AROUND_MS;
  const wanted = entries.filter((entry) => {
    if (concernsTrigger(violation, entry)) return entry.kind !== 'delivered' || isOf(violation, entry);
    const isNear = times.length === 0 || (entry.at >= from && entry.at <= to);
    return (isNear && isOf(violation, entry)) || (isNear && isDisturbance(entry));
  });
  const lines = wanted.map((entry) => JSON.stringify(entry));
  return (
    lines.length > LINES ? [...lines.slice(0, LINES / 2), '…', ...lines.slice(-LINES / 2)] : lines
  ).join('\n');
}

function concernsTrigger({ trigger }: Violation, entry: Entry): boolean {
  return trigger !== undefined && 'trigger' in entry && entry.trigger === trigger;
}

/** Of the subscription, or of the named subscriber and the event. */
function isOf({ subscription, eventguid }: Violation, entry: Entry): boolean {
  if (subscription === undefined) return false;
  if ('subscription' in entry && entry.subscription === subscription) return true;
  const [subscriber] = subscription.split('/');
  if ('connection' in entry && 'subscriber' in entry && entry.kind !== 'asked') {
    return entry.subscriber === subscriber && (!('eventguid' in entry) || entry.eventguid === eventguid);
  }
  const isNamed = 'subscription' in entry && entry.connection !== undefined;
  return isNamed && entry.eventguid === eventguid && entry.subscription.startsWith(`${subscriber}/`);
}

function isDisturbance({ kind }: Entry): boolean {
  return kind === 'disturbed' || kind === 'healed' || kind === 'noted' || kind === 'crashed';
}
