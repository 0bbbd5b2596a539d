import type { Crashed, Unready } from '../history.js';
import type { Facts } from '../facts.js';
import type { Violation } from '../violation.js';

/** Each attempt has exactly one outcome, and no outcome is without its attempt. */
export function outcomes({ entries }: Facts): Violation[] {
  const open = new Map<string, number>();
  const count = (trigger: number, attempt: number, by: number): void => {
    const name = `${trigger}.${attempt}`;
    open.set(name, (open.get(name) ?? 0) + by);
  };
  for (const entry of entries) {
    if (entry.kind === 'invoked') count(entry.trigger, entry.attempt, 1);
    else if ('attempt' in entry) count(entry.trigger, entry.attempt, -1);
  }
  return [...open].filter(([, balance]) => balance !== 0).map(([name, balance]) => unbalanced(name, balance));
}

function unbalanced(name: string, balance: number): Violation {
  const what = balance > 0 ? 'has no outcome' : 'has more outcomes than attempts';
  return { kind: 'outcome', what: `attempt ${name} ${what}`, trigger: Number.parseInt(name, 10) };
}

/** No node ends by itself. */
export function crashes({ entries }: Facts): Violation[] {
  return entries
    .filter((entry): entry is typeof entry & Crashed => entry.kind === 'crashed')
    .map(({ nodeId, output }) => ({ kind: 'crashed', what: `${nodeId} ended by itself: ${output}` }));
}

/** Once all is healed, every node comes back to service. */
export function unready({ entries }: Facts): Violation[] {
  return entries
    .filter((entry): entry is typeof entry & Unready => entry.kind === 'unready')
    .map(({ nodeId }) => ({ kind: 'unready', what: `${nodeId} is not ready though all has been healed` }));
}
