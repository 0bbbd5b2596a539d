import type { Redis } from 'ioredis';
import type { Script } from './scripts.js';

/**
 * Sends a script ahead on every connection that is new: a server that was started or promoted just now would refuse the first calls as unknown, and
 * run later ones as soon as another node has taught it the script.
 */
export class ScriptLoader {
  private readonly watched = new WeakSet<Redis>();
  private readonly loaded = new WeakSet<Redis>();

  constructor(private readonly script: Script) {}

  /** What is sent on the connection after this call finds the script there. */
  loadOn(connection: Redis): void {
    if (this.loaded.has(connection)) return;
    this.watch(connection);
    this.loaded.add(connection);
    // The call behind it fails the same way, or is refused as unknown and repeated.
    connection.script('LOAD', this.script.lua).catch(() => undefined);
  }

  private watch(connection: Redis): void {
    if (this.watched.has(connection)) return;
    this.watched.add(connection);
    connection.on('close', () => this.loaded.delete(connection));
  }
}
