/** Waits for a condition, with a deadline. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not within five seconds: ${condition.toString()}`);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}
