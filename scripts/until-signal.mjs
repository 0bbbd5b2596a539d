// The signals that end a script, heeded from the moment in which it asks.

/** Heeds SIGINT and SIGTERM from now on: `signal` resolves with the first of them, and `isAsked` tells whether one has come. */
export function untilSignal() {
  const asked = { isAsked: false, signal: Promise.resolve() };
  asked.signal = new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'])
      process.on(name, () => {
        asked.isAsked = true;
        resolve();
      });
  });
  return asked;
}
