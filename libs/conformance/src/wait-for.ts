/** How long a condition may take before the test fails: less than a test has, so that the failure says what was missing. */
const DEADLINE_MS = 4_000;

/** How long to leave the event loop to others between two looks. */
const PAUSE_MS = 2;

/**
 * Resolves, once the condition gives something truthy, to what it gave. Rejects after a deadline: the message says what was
 * waited for.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  what = 'the condition',
  deadlineMs = DEADLINE_MS,
): Promise<Value> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${deadlineMs} ms`);
    await pause();
  }
}

async function pause(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
}
