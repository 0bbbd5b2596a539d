import type { RecordFields, RecordStore, RecordWrite } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';
import { runScript, SCRIPTS } from './scripts.js';
import { wholeMs } from './whole-ms.js';

/** Records, as hashes that Redis lets expire. */
export class RedisRecordStore implements RecordStore {
  constructor(private readonly redis: RedisConnections) {}

  async write(name: string, { fields, dropped = [], ttlMs }: RecordWrite): Promise<void> {
    const { commands, keys } = this.redis;
    const args = [wholeMs(ttlMs), dropped.length, ...dropped, ...[...fields].flat()];
    await runScript(commands, SCRIPTS.writeRecord, [keys.record(name)], args);
  }

  async read(name: string): Promise<RecordFields | undefined> {
    const { commands, keys } = this.redis;
    const fields = Object.entries(await command(commands.hgetall(keys.record(name))));
    return fields.length === 0 ? undefined : new Map(fields);
  }

  async touch(names: readonly string[], ttlMs: number): Promise<readonly string[]> {
    const { commands, keys } = this.redis;
    const touched = await Promise.all(
      names.map((name) => command(commands.pexpire(keys.record(name), wholeMs(ttlMs)))),
    );
    return names.filter((_, index) => touched[index] === 0);
  }

  async remove(name: string): Promise<void> {
    const { commands, keys } = this.redis;
    await command(commands.unlink(keys.record(name)));
  }
}
