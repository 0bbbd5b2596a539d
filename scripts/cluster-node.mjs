// A node of the local cluster that comes back by itself when somebody ends it.
import { setTimeout as delay } from 'node:timers/promises';
import { startHubNode } from './hub-node.mjs';

/** Long enough to see that the others go on without it. */
const RETURN_AFTER_MS = 3_000;

/** @typedef {Awaited<ReturnType<typeof startHubNode>>} HubProcess */

/** A node with a name and a port of its own, which it keeps. */
export class ClusterNode {
  /** @type {HubProcess | undefined} */
  #running;
  #isStopping = false;

  /** @param {{ id: string, port: number, env: Record<string, string> }} options */
  constructor({ id, port, env }) {
    this.id = id;
    this.port = port;
    this.env = { ...env, RINGBACK_NODE_ID: id };
  }

  get name() {
    return this.id;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The process that runs, 0 while none does. */
  get pid() {
    return this.#running?.pid ?? 0;
  }

  /** Resolves when it is ready to serve. From then on it is kept running. */
  async start() {
    const running = await startHubNode({ port: this.port, env: this.env });
    this.#running = running;
    if (this.#isStopping) await running.stop();
    else running.exited.then((code) => this.#comeBack(code)).catch(console.error);
  }

  /** Ends it for good. */
  async stop() {
    this.#isStopping = true;
    await this.#running?.stop();
  }

  /** @param {number | null} code */
  async #comeBack(code) {
    this.#running = undefined;
    if (this.#isStopping) return;
    const how = code === null ? 'was killed' : `has ended with ${code}`;
    console.log(`
${this.id} ${how}: clients that reconnect go to the other nodes, which take triggers as before:
  curl -X POST ${this.balancerUrl}/v1/events/hello/trigger -H 'content-type: text/plain' -d 'still there?'
${this.id} comes back in ${RETURN_AFTER_MS / 1_000} s.`);
    await this.#startAgain();
  }

  /** Where clients come in, for what is printed. */
  balancerUrl = '';

  async #startAgain() {
    while (!this.#isStopping) {
      await delay(RETURN_AFTER_MS);
      if (this.#isStopping) return;
      try {
        await this.start();
        if (!this.#isStopping)
          console.log(`${this.id} is back as process ${this.pid}; try: kill -9 ${this.pid}`);
        return;
      } catch (error) {
        console.log(`${this.id} has not come back yet: ${String(error)}`);
      }
    }
  }
}
