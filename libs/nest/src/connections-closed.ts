import { delay } from '@ringback/async';
import type { Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';

const POLL_MS = 10;

/** A client that polls has no request under way between two polls: a link that is idle for less may be its, or it has none. */
export const BETWEEN_POLLS_MS = 250;

/**
 * Waits until what was written to the last clients has left, which then close their links, and until it is quiet; links that stay idle are closed. `others`
 * says how many links somebody else is to close.
 */
export async function waitForConnectionsClosed(
  server: Server,
  limitMs: number,
  others: () => number = () => 0,
  isQuiet: () => boolean = () => true,
): Promise<void> {
  const startedAt = performance.now();
  const elapsedMs = (): number => performance.now() - startedAt;
  const isDone = async (): Promise<boolean> => isQuiet() && (await countConnections(server)) <= others();
  while (!(await isDone()) && elapsedMs() < limitMs) {
    if (elapsedMs() > BETWEEN_POLLS_MS) server.closeIdleConnections();
    await delay(POLL_MS);
  }
}

/**
 * Stops listening, in a turn of the event loop in which nobody has come, at the latest after the time: the system resets the links that it has made and
 * the server has not taken yet, with the requests that are on them.
 */
export async function stopListening(server: Server, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  let hasCome = true;
  const come = (): void => void (hasCome = true);
  server.on('connection', come);
  await turn(); // the next one has looked for connections itself
  while (hasCome && performance.now() < until) {
    hasCome = false;
    await turn();
  }
  server.close();
  server.off('connection', come);
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}
