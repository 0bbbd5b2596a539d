import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 20_000;
const PAUSE_MS = 10;

/** Resolves once the condition holds; rejects after a deadline, saying what was waited for. */
export async function waitUntil(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${DEADLINE_MS} ms`);
    await pause(PAUSE_MS);
  }
}
