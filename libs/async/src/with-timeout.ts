/**
 * Resolves or rejects as `work` does, or rejects with the error that `onTimeout` makes if that takes longer than `ms` milliseconds.
 * The work is not stopped, only no longer waited for: its late result, or failure, is dropped.
 */
export async function withTimeout<Result>(
  work: Promise<Result>,
  ms: number,
  onTimeout: () => Error,
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(onTimeout()), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
