// The table of the attacks, and when one counts as borne.

const BORNE_P50_MS = 25;
const BORNE_P99_MS = 250;
const BORNE_RATIO = 2;
const MOST_ANSWERS = 5;

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {import('./witness.mjs').Testimony} quiet
 * @property {import('./witness.mjs').Testimony} attacked
 * @property {import('./attacked-hub.mjs').Answers} answers
 * @property {{ rssMiB: number }} idle
 * @property {{ rssMiB: number, heapMiB: number, loopMs: number }} usage
 * @property {string | undefined} exit
 * @property {number} heapMiB limit
 */

export const HEAD = `| Attack | Store | quiet p50 / p99 ms | attacked p50 / p99 ms | ratio | missing / cut | loop ms | heap / RSS MiB | Answered | Borne |
|---|---|---|---|---|---|---|---|---|---|`;

/**
 * @param {string} store
 * @param {Outcome} outcome
 */
export function rowOf(store, outcome) {
  const { name, quiet, attacked, usage } = outcome;
  const faults = faultsOf(outcome);
  const cells = [
    name,
    store,
    `${ms(quiet.p50Ms)} / ${ms(quiet.p99Ms)}`,
    `${ms(attacked.p50Ms)} / ${ms(attacked.p99Ms)}`,
    (attacked.p50Ms / quiet.p50Ms).toFixed(1),
    `${attacked.missing} / ${attacked.cuts}`,
    ms(usage.loopMs),
    `${usage.heapMiB.toFixed(0)} / ${usage.rssMiB.toFixed(0)}`,
    answersOf(outcome),
    faults.length === 0 ? 'yes' : `**no**: ${faults.join(', ')}`,
  ];
  return { row: `| ${cells.join(' | ')} |`, isBorne: faults.length === 0 };
}

/** @param {Outcome} outcome */
function faultsOf({ quiet, attacked, exit, answers, idle, usage, heapMiB }) {
  const faults = [];
  if (exit !== undefined) faults.push(`exit ${exit}`);
  if (!(attacked.p50Ms <= Math.max(BORNE_RATIO * quiet.p50Ms, BORNE_P50_MS))) faults.push('p50');
  if (!(attacked.p99Ms <= BORNE_P99_MS)) faults.push('p99');
  if (attacked.missing > 0) faults.push('missing');
  if (attacked.cuts > 0) faults.push('cut');
  // Buffers are kept beside the heap: what an attack adds, of both, is to stay within its limit.
  if (usage.rssMiB - idle.rssMiB > heapMiB) faults.push('memory');
  if (Object.keys(answers).some((answer) => answer.startsWith('attacker: '))) faults.push('attacker');
  return faults;
}

/** @param {Outcome} outcome */
function answersOf({ answers }) {
  const most = Object.entries(answers).toSorted(([, a], [, b]) => b - a);
  const shown = most.slice(0, MOST_ANSWERS).map(([what, count]) => `${count.toLocaleString('en')} × ${what}`);
  return shown.join(', ') || 'nothing';
}

/** @param {number} value */
function ms(value) {
  return value < 100 ? value.toFixed(1) : value.toLocaleString('en', { maximumFractionDigits: 0 });
}
