// One attacker, in a process of its own. Arguments: name of the attack, port, token (or '-'), seconds. Tells its parent when it has prepared, and at
// the end what it was answered.
import { attacks } from './attacks.mjs';

/**
 * @typedef {object} Target what an attack is given
 * @property {number} port
 * @property {string} url
 * @property {string} token '' where there is none
 * @property {AbortSignal} signal aborts when the attack is over
 * @property {Promise<unknown>} over resolves then
 * @property {(what: string, count?: number) => void} tally counts what the hub answered, and how connections ended
 */

const PREPARED_WITHIN_MS = 60_000;

const [name = '', port = '', token = '-', seconds = '5'] = process.argv.slice(2);
/** @type {Record<string, number>} */
const tallies = {};

const tally = (/** @type {string} */ what, count = 1) => {
  tallies[what] = (tallies[what] ?? 0) + count;
};

/** @param {number} ms @returns {Target} */
function targetFor(ms) {
  const signal = AbortSignal.timeout(ms);
  const over = new Promise((resolve) => signal.addEventListener('abort', resolve));
  const place = { port: Number(port), url: `http://127.0.0.1:${port}`, token: token === '-' ? '' : token };
  return { ...place, signal, over, tally };
}

// An attacker bears whatever the hub does to it.
process.on('uncaughtException', (error) => tally(`attacker: ${error.message.slice(0, 60)}`));
process.on('unhandledRejection', (error) => tally(`attacker: ${String(error).slice(0, 60)}`));
process.on('disconnect', () => process.exit());

const attack = attacks[name];
await attack?.prepare?.(targetFor(PREPARED_WITHIN_MS));
process.send?.('prepared');
const target = targetFor(Number(seconds) * 1_000);
attack?.run(target).catch((/** @type {unknown} */ error) => tally(`attacker: ${String(error).slice(0, 60)}`));
await target.over; // what it still waits for is of no interest
process.send?.(tallies, () => process.exit());
