import type { Clock } from './ports/clock.port.js';

/** How many connections a node has found. */
export interface PeerAnswer {
  readonly nodeId: string;
  readonly found: number;
}

export interface Collected {
  readonly answers: readonly PeerAnswer[];
  /** Who has not answered, although it mattered. */
  readonly silent: readonly string[];
}

interface Collection {
  readonly answers: PeerAnswer[];
  readonly waitingFor: Set<string>;
  /** Whether one that has found something is enough. */
  readonly oneIsEnough: boolean;
  done: () => void;
}

const WAIT_MS = 2_000;

/** Gathers what other nodes answer to the questions of this one, each for two seconds at most. */
export class PeerAnswers {
  private readonly collections = new Map<number, Collection>();
  private asked = 0;

  constructor(private readonly clock: Clock) {}

  /** A number for a question, and the promise of its answers, which never rejects. */
  expect(
    nodeIds: ReadonlySet<string>,
    oneIsEnough: boolean,
  ): { readonly id: number; readonly collected: Promise<Collected> } {
    const id = ++this.asked;
    const collection = { answers: [], waitingFor: new Set(nodeIds), oneIsEnough, done: () => undefined };
    return { id, collected: this.collect(id, collection) };
  }

  /** What comes too late, twice, or from who was not asked is dropped. */
  take(id: number, answer: PeerAnswer): void {
    const collection = this.collections.get(id);
    if (!collection?.waitingFor.delete(answer.nodeId)) return;
    collection.answers.push(answer);
    if (collection.oneIsEnough && answer.found > 0) collection.waitingFor.clear();
    if (collection.waitingFor.size === 0) collection.done();
  }

  private async collect(id: number, collection: Collection): Promise<Collected> {
    const { answers, waitingFor } = collection;
    if (waitingFor.size === 0) return { answers, silent: [] };
    this.collections.set(id, collection);
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(WAIT_MS, resolve);
      collection.done = () => {
        cancel();
        resolve();
      };
    });
    this.collections.delete(id);
    return { answers, silent: [...waitingFor] };
  }
}
