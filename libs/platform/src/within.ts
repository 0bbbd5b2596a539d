/** Whether the work was done in time. Its failure counts as done, and goes to `onFailure`, however late it comes. */
export async function within(
  limitMs: number,
  hasten: Promise<void> | undefined,
  work: Promise<void>,
  onFailure: (error: unknown) => void,
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const done = work.catch(onFailure).then(() => true);
  const hastened = hasten ? [hasten.then(() => false)] : [];
  try {
    return await Promise.race([done, late, ...hastened]);
  } finally {
    clearTimeout(timer);
  }
}
