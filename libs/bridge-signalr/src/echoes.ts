import { digestOf } from './digest.js';

/** How long an echo is waited for. */
const WINDOW_MS = 30_000;
/** Most echoes that are waited for; beyond that the oldest is given up. */
const MOST = 10_000;

interface Expected {
  readonly digest: string;
  readonly until: number;
}

/**
 * What was triggered at a hub where the event is subscribed to as well, and will come back from there with nothing that tells it from others: it is
 * recognised by counting. As many deliveries of the same event and data as were triggered are echoes.
 */
export class Echoes {
  private readonly expected = new Set<Expected>();

  constructor(private readonly now: () => number = Date.now) {}

  get size(): number {
    return this.expected.size;
  }

  /** An echo is to be expected. Calling what this returns says that there will be none after all. */
  expect(eventguid: string, data: string): () => void {
    const echo = { digest: digestOf(eventguid, data), until: this.now() + WINDOW_MS };
    this.expected.add(echo);
    this.forget();
    return () => this.expected.delete(echo);
  }

  /** Whether the delivery is an echo; each expected one counts once. */
  take(eventguid: string, data: string): boolean {
    this.forget();
    const digest = digestOf(eventguid, data);
    for (const echo of this.expected) {
      if (echo.digest === digest) return this.expected.delete(echo);
    }
    return false;
  }

  /** The connection that they would come on is lost. */
  clear(): void {
    this.expected.clear();
  }

  private forget(): void {
    for (const echo of this.expected) {
      if (echo.until > this.now() && this.expected.size <= MOST) return;
      this.expected.delete(echo);
    }
  }
}
