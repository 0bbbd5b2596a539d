import type { Redis } from 'ioredis';
import type { Script } from './scripts.js';

/**
 * Sends a script ahead on every connection that is new: a server that was started or promoted just now would refuse the first calls as unknown, and
 * carry out later ones as soon as another node has taught it the script.
 */
export class ScriptLoader {
  private readonly watched = new WeakSet<Redis>();
  private readonly loaded = new WeakSet<Redis>();

  constructor(private readonly script: Script) {}

  /** What is sent on the connection after this call finds the script there. */
  loadOn(connection: Redis): void {
    if (this.loaded.has(connection) || !accepts(connection)) return;
    this.watch(connection);
    this.loaded.add(connection);
    // The call behind it fails the same way, or as unknown, and is told to its caller.
    connection.script('LOAD', this.script.lua).catch(() => this.loaded.delete(connection));
  }

  private watch(connection: Redis): void {
    if (this.watched.has(connection)) return;
    this.watched.add(connection);
    connection.on('close', () => this.loaded.delete(connection));
  }
}

/** Whether it is sent at once, or waits with all that comes behind it. */
function accepts({ status, options }: Redis): boolean {
  return status === 'ready' || options.enableOfflineQueue === true;
}
