import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, RedisProcess } from './redis-process.js';

const run = promisify(execFile);

/** How a Redis server keeps what it has. */
export type Persistence = 'always' | 'everysec' | 'snapshot' | 'none';

const ARGUMENTS: Readonly<Record<Persistence, readonly string[]>> = {
  always: ['--appendonly', 'yes', '--appendfsync', 'always'],
  everysec: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  snapshot: ['--appendonly', 'no'],
  none: ['--appendonly', 'no'],
};

/** One redis-server that a test ends as a power failure does: only what had reached the disk is there afterwards. */
export class PersistentRedis {
  /** Bytes of the append-only file that have reached the disk. */
  private synced: number | undefined;

  private constructor(
    private readonly mode: Persistence,
    private readonly directory: string,
    private readonly server: RedisProcess,
  ) {}

  static async start(mode: Persistence): Promise<PersistentRedis> {
    const directory = await mkdtemp(join(tmpdir(), `redis-${randomUUID()}-`));
    const server = new RedisProcess(directory, await freePort(), ARGUMENTS[mode]);
    await server.start();
    return new PersistentRedis(mode, directory, server);
  }

  get url(): string {
    return this.server.url;
  }

  /** The last moment at which the mode puts what there is on the disk. */
  async reachDisk(): Promise<void> {
    if (this.mode === 'snapshot') await run('redis-cli', ['-p', String(this.server.port), 'save']);
    if (this.mode === 'everysec') this.synced = (await stat(await this.appendOnlyFile())).size;
  }

  /** Ends it at once, with what had not reached the disk. */
  async fail(): Promise<void> {
    await this.server.kill();
    // SIGKILL leaves the page cache of the system alone; losing power does not.
    if (this.synced !== undefined) await truncate(await this.appendOnlyFile(), this.synced);
  }

  restart(): Promise<void> {
    return this.server.start();
  }

  async close(): Promise<void> {
    await this.server.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async appendOnlyFile(): Promise<string> {
    const folder = join(this.directory, 'appendonlydir');
    const file = (await readdir(folder)).find((name) => name.endsWith('.incr.aof'));
    if (!file) throw new Error(`${folder} has no append-only file`);
    return join(folder, file);
  }
}
