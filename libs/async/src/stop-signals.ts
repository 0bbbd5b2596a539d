/** By which a process is asked to stop: by whoever runs it, and by Ctrl-C. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export type StopSignal = (typeof SIGNALS)[number];

/**
 * The signals that ask this process to stop, heeded from the moment in which it is made: to be done before anything else is loaded. Unheeded, a signal kills
 * a process half way, or does nothing at all to one that is the first of a container.
 */
export class StopSignals {
  private listener: ((signal: StopSignal) => void) | undefined;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  /** Hands over each signal from now on. Until somebody listens, the first ends the process, with 0: nothing has begun. */
  listen(listener: (signal: StopSignal) => void): void {
    this.listener = listener;
  }

  /** Signals do from now on what they do by themselves. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }

  private readonly onSignal = (signal: StopSignal): void => {
    if (!this.listener) process.exit(0);
    this.listener(signal);
  };
}
