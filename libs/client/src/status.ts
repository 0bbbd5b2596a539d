/** Why a connection was closed or could not be opened. */
export interface ClosedReason {
  /** A name of `CLOSE_REASONS`, an error code, or `client` after `close()`. */
  readonly name: string;
  readonly message: string;
  /** The close code, where the hub gave one. */
  readonly code?: number;
  /** Whether connecting again is pointless until something else has changed. */
  readonly final: boolean;
}

/** How the client stands with the hub. `closed` is the last one. */
export type Status =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | {
      readonly state: 'reconnecting';
      /** 1 for the first attempt after a loss. Counts on until a connection has lasted for a while. */
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: ClosedReason;
    }
  | { readonly state: 'closed'; readonly reason: ClosedReason };

/** The present status and everybody who follows its changes. */
export class StatusFeed {
  private present: Status | undefined;
  private readonly listeners = new Set<(status: Status) => void>();

  publish(status: Status): void {
    this.present = status;
    for (const listener of this.listeners) listener(status);
  }

  /** The present status if there is one, then every change; ends after `closed`. */
  async *changes(): AsyncGenerator<Status, void, undefined> {
    const unread: Status[] = this.present ? [this.present] : [];
    let wake: () => void = () => undefined;
    const listener = (status: Status): void => {
      unread.push(status);
      wake();
    };
    this.listeners.add(listener);
    try {
      for (;;) {
        for (let status = unread.shift(); status; status = unread.shift()) {
          yield status;
          if (status.state === 'closed') return;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.listeners.delete(listener);
    }
  }
}
