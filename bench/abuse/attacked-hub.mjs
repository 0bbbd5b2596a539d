// A hub under attack: its process on one core; witness and attackers on the other.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startHubNode } from '../../scripts/hub-node.mjs';
import { freePort } from '../../scripts/processes.mjs';

const HUB_CORE = '0';
const OTHER_CORE = availableParallelism() > 1 ? '1' : '0';
const WITNESS_TOKEN = 'witness-token';
const ATTACKER_TOKEN = 'attacker-token';
const TOKENS = `witness:${WITNESS_TOKEN}:subscribe+trigger,attacker:${ATTACKER_TOKEN}:subscribe+trigger`;
const MEASURE = pathToFileURL(join(import.meta.dirname, 'measure-node.mjs')).href;
/** An attacker that holds the other core up must not be taken for a slow hub. */
const ATTACKER_NICENESS = '10';
const ANSWERS_WITHIN_MS = 20_000;

/** @typedef {import('./witness.mjs').Testimony} Testimony */
/** @typedef {import('./measure-node.mjs').Measurement} Measurement */
/** @typedef {Record<string, number>} Answers */
/** @typedef {Awaited<ReturnType<typeof startHubNode>>} Node */

export class AttackedHub {
  /** How the process ended, if it did: its code, or 'signal'. @type {string | undefined} */
  exit = undefined;
  #usageSince = Date.now();

  /**
   * @param {Node} node
   * @param {import('node:child_process').ChildProcess} witness
   * @param {{ port: number, folder: string, hasTokens: boolean }} place
   */
  constructor(node, witness, place) {
    this.node = node;
    this.witness = witness;
    this.place = place;
    node.exited.then((code) => (this.exit = code === null ? 'signal' : String(code)), console.error);
  }

  /**
   * Resolves once it serves and is witnessed.
   * @param {{ redisUrl: string, hasTokens: boolean, heapMiB: number }} options
   */
  static async start({ redisUrl, hasTokens, heapMiB }) {
    const folder = mkdtempSync(join(tmpdir(), 'ringback-abuse-'));
    writeFileSync(measurementsIn(folder), '');
    const env = {
      REDIS_URL: redisUrl,
      RINGBACK_REDIS_PREFIX: folder.slice(-6),
      RINGBACK_ACCESS_TOKENS: hasTokens ? TOKENS : '',
      LOG_LEVEL: 'warn',
      NODE_OPTIONS: `--max-old-space-size=${heapMiB} --import=${MEASURE}`,
      BENCH_MEASUREMENTS: measurementsIn(folder),
    };
    const { node, port } = await startNode(env);
    spawnSync('taskset', ['-a', '-c', '-p', HUB_CORE, String(node.pid)]);
    const witness = forkBeside('witness.mjs', [node.url, hasTokens ? WITNESS_TOKEN : '-']);
    await once(witness, 'message');
    return new AttackedHub(node, witness, { port, folder, hasTokens });
  }

  /** What the witness sees within so long. @param {number} ms @returns {Promise<Testimony>} */
  async watch(ms) {
    this.#usageSince = Date.now();
    this.witness.send({ ms });
    const [testimony] = await once(this.witness, 'message');
    return testimony;
  }

  /**
   * Attacks it: resolves once the attacker has prepared, to what the attacker will have been answered.
   * @param {string} name
   * @param {{ seconds: string, isAnonymous: boolean }} options
   * @returns {Promise<{ readonly answers: Promise<Answers> }>}
   */
  async attack(name, { seconds, isAnonymous }) {
    const token = this.place.hasTokens && !isAnonymous ? ATTACKER_TOKEN : '-';
    const args = [name, String(this.place.port), token, seconds];
    const attacker = forkBeside('attacker.mjs', args, ATTACKER_NICENESS);
    await Promise.race([once(attacker, 'message'), once(attacker, 'exit')]);
    const late = AbortSignal.timeout(Number(seconds) * 1_000 + ANSWERS_WITHIN_MS);
    const answers = once(attacker, 'message', { signal: late }).then(
      ([told]) => told,
      () => ({ 'attacker: did not end': 1 }),
    );
    return { answers: answers.finally(() => attacker.kill('SIGKILL')) };
  }

  /** The most that the node has used since the last watch began. */
  usage() {
    const lines = readFileSync(measurementsIn(this.place.folder), 'utf8').trim().split('\n');
    const all = lines.filter(Boolean).map((line) => /** @type {Measurement} */ (JSON.parse(line)));
    const since = all.filter(({ at }) => at >= this.#usageSince);
    const most = (/** @type {keyof Measurement} */ figure) => Math.max(...since.map((each) => each[figure]));
    return { rssMiB: most('rssMiB'), heapMiB: most('heapMiB'), loopMs: most('loopMs') };
  }

  async stop() {
    this.witness.kill('SIGKILL');
    await this.node.stop('SIGKILL');
    rmSync(this.place.folder, { recursive: true });
  }
}

/**
 * The thousands of sockets of the attack before may have taken the port that was free a moment ago: then another one.
 * @param {Record<string, string>} env
 * @returns {Promise<{ node: Node, port: number }>}
 */
async function startNode(env) {
  const port = await freePort();
  try {
    return { node: await startHubNode({ port, env }), port };
  } catch (error) {
    if (String(error).includes('EADDRINUSE')) return startNode(env);
    throw error;
  }
}

/** @param {string} folder */
function measurementsIn(folder) {
  return join(folder, 'measurements');
}

/**
 * A process of this folder on the core that the hub does not use.
 * @param {string} program
 * @param {string[]} args
 * @param {string} niceness
 */
function forkBeside(program, args, niceness = '0') {
  const execArgv = ['-c', OTHER_CORE, 'nice', '-n', niceness, process.execPath];
  return fork(join(import.meta.dirname, program), args, { execPath: 'taskset', execArgv });
}
