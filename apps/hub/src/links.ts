import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 10;

/** A client that polls has no request under way between two polls: a link that is idle for less may be its. */
const BETWEEN_POLLS_MS = 250;

/** Waits until what was written to the last clients has left, which then close their links; those that stay idle are closed. */
export async function linksEnded(server: Server, limitMs: number): Promise<void> {
  const begin = performance.now();
  const passed = (): number => performance.now() - begin;
  while ((await countLinks(server)) > 0 && passed() < limitMs) {
    if (passed() > BETWEEN_POLLS_MS) server.closeIdleConnections();
    await pause(PAUSE_MS);
  }
}

function countLinks(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}
