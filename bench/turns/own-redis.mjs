// A Redis that can be emptied, restarted and looked at.
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startRedisServer } from '../../scripts/redis.mjs';

const LOOK_EVERY_MS = 250;
/** What nodes do when nothing happens is less, in each of so many looks. */
const QUIET_COMMANDS = 100;
const QUIET_LOOKS = 4;

export class OwnRedis {
  /** @param {Awaited<ReturnType<typeof startRedisServer>>} server */
  constructor(server) {
    this.server = server;
    this.url = server.url;
    this.client = new Redis(server.url);
    this.client.on('error', () => undefined); // it connects again
  }

  static async start() {
    return new OwnRedis(await startRedisServer());
  }

  clear() {
    return this.client.flushall();
  }

  /** Ends it, and with it all that it held; resolves when an empty one answers in its place. */
  async restart() {
    await this.server.stop();
    this.server = await startRedisServer(Number(new URL(this.url).port));
  }

  /** Resolves when so many keys are there and nobody asks for much any more. @param {number} leastKeys */
  async untilQuiet(leastKeys = 0) {
    let last = 0;
    for (let quiet = 0; quiet < QUIET_LOOKS;) {
      await delay(LOOK_EVERY_MS);
      const now = await this.#commands();
      const isQuiet = now - last < QUIET_COMMANDS && (await this.client.dbsize()) >= leastKeys;
      quiet = isQuiet ? quiet + 1 : 0;
      last = now;
    }
  }

  async stop() {
    this.client.disconnect();
    await this.server.stop();
  }

  async #commands() {
    const stats = await this.client.info('stats');
    return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1]);
  }
}
