// One attacker, in a process of its own. Arguments: name of the attack, port, token (or '-'), seconds. Tells its parent what it was answered.
import { attacks } from './attacks.mjs';

/**
 * @typedef {object} Target what an attack is given
 * @property {number} port
 * @property {string} url
 * @property {string} token '' where there is none
 * @property {AbortSignal} signal aborts when the attack is over
 * @property {(what: string, count?: number) => void} tally counts what the hub answered, and how connections ended
 */

const [name = '', port = '', token = '-', seconds = '5'] = process.argv.slice(2);
/** @type {Record<string, number>} */
const tallies = {};

/** @type {Target} */
const target = {
  port: Number(port),
  url: `http://127.0.0.1:${port}`,
  token: token === '-' ? '' : token,
  signal: AbortSignal.timeout(Number(seconds) * 1_000),
  tally: (what, count = 1) => {
    tallies[what] = (tallies[what] ?? 0) + count;
  },
};

// An attacker bears whatever the hub does to it.
process.on('uncaughtException', (error) => target.tally(`attacker: ${error.message.slice(0, 60)}`));
process.on('disconnect', () => process.exit());

const over = new Promise((resolve) => target.signal.addEventListener('abort', resolve));
await Promise.all([attacks[name]?.run(target), over]);
process.send?.(tallies, () => process.exit());
