import { expect } from '@jest/globals';
import { StockStream, waitFor } from '@ringback/conformance';
import type { RungEvents } from './rung-events.js';
import { expectAll, SAFE_ID, streamUrl, type StreamPlan } from './stream-subscribers.js';

interface Member extends StreamPlan {
  readonly stream: StockStream;
}

/** So many are opened at a time: it is not their arrival that is looked at. */
const AT_ONCE = 100;
const WITHIN_MS = 60_000;
/** Counting many costs what the hubs could use. */
const SHOWN = 5;

/** Stock EventSources of one process, each with its own cookie. */
export class StreamCrowd {
  private readonly members: Member[] = [];
  private received = 0;
  private opened = 0;

  private constructor() {}

  /** Resolves once all streams are open. */
  static async open(hub: string, plans: readonly StreamPlan[]): Promise<StreamCrowd> {
    const crowd = new StreamCrowd();
    for (let index = 0; index < plans.length; index += AT_ONCE) {
      await Promise.all(plans.slice(index, index + AT_ONCE).map((plan) => crowd.add(hub, plan)));
      await waitFor(() => crowd.opened >= crowd.members.length, 'open streams', WITHIN_MS);
    }
    return crowd;
  }

  get size(): number {
    return this.members.length;
  }

  /** How often one was opened, the first time included. */
  get openings(): number {
    return this.opened;
  }

  /** Waits until there are as many deliveries as there are to be; rejects with what has become of those that have stayed away. */
  async haveAll(rung: RungEvents): Promise<void> {
    const expected = this.members.reduce((sum, { eventguids }) => sum + rung.countOf(eventguids), 0);
    try {
      await waitFor(() => this.received >= expected, `${expected} deliveries`, WITHIN_MS);
    } catch (cause) {
      throw new Error(`${this.received} instead; ended for good: ${this.endedForGood()}`, { cause });
    }
  }

  /** Waits until so many more have been opened. */
  async comeBack(count: number, since: number): Promise<void> {
    await waitFor(() => this.opened >= since + count, `${count} streams that come back`, WITHIN_MS);
  }

  /** Waits until none wants to come back. */
  async areOver(): Promise<void> {
    await waitFor(() => this.members.every(({ stream }) => !stream.isAlive), 'the end of all', WITHIN_MS);
  }

  /** Each has had everything, nothing but that, and has sent no id that browsers would ask permission for. */
  expectExact(rung: RungEvents): void {
    for (const { stream, ...plan } of this.members) {
      const texts = stream.of('message').map(({ data }) => data);
      expectAll(plan, texts, rung);
      expect(stream.of('ringback.reset')).toEqual([]);
      expect(stream.idsSent.filter((id) => id !== undefined && !SAFE_ID.test(id))).toEqual([]);
    }
  }

  /** Of the newest answer to each. */
  statuses(): ReadonlySet<number | undefined> {
    return new Set(this.members.map(({ stream }) => stream.status));
  }

  close(): void {
    for (const { stream } of this.members) stream.close();
  }

  private async add(hub: string, plan: StreamPlan): Promise<void> {
    const stream = new StockStream(await streamUrl(hub, plan));
    stream.source.addEventListener('open', () => (this.opened += 1));
    stream.source.addEventListener('message', () => (this.received += 1));
    this.members.push({ ...plan, stream });
  }

  private endedForGood(): string {
    const gone = this.members.filter(({ stream }) => !stream.isAlive);
    const shown = gone.slice(0, SHOWN).map(({ stream }) => [stream.status, stream.problems]);
    return `${gone.length} of ${this.size} ${JSON.stringify(shown)}`;
  }
}
