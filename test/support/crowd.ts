import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '@ringback/conformance';

/** How many members there are with each answer, by answer. */
type Census = Readonly<Record<string, number>>;

/** What became of the members of a crowd. */
export interface CrowdReport {
  readonly connected: Census;
  /** To their last subscribe. */
  readonly replies: Census;
  /** The offsets that they have received, in order of arrival, with a space between. */
  readonly received: Census;
  /** How often one was closed, or not let in, before it had its reply, and came again, by why. */
  readonly turnedAway: Census;
}

/** Counting thousands costs what the hubs could use. */
const LOOK_EVERY_MS = 200;

/** Thousands of WebSocket subscribers of one event, one process of them for each address. */
export class Crowd {
  /** Rejects when a part has ended. */
  private readonly ended: Promise<never>;

  private constructor(
    private readonly parts: readonly ChildProcess[],
    readonly size: number,
  ) {
    this.ended = Promise.race(parts.map((part) => once(part, 'exit'))).then(([code]) => {
      throw new Error(`a part of the crowd has ended with ${String(code)}`);
    });
    this.ended.catch(() => 'of no concern to who asks nothing any more');
  }

  static start(urls: readonly string[], eventguid: string, size: number): Crowd {
    const file = join(import.meta.dirname, 'crowd-client.mjs');
    const each = Math.ceil(size / urls.length);
    const parts = urls.map((url, index) => {
      const count = Math.min(each, size - index * each);
      return fork(file, [url, eventguid, `part${index}`, String(count)], { execArgv: [] });
    });
    return new Crowd(parts, size);
  }

  /** All connect and subscribe, each from where it stood, at the same time or so many a second; who is turned away tries again. */
  come(perSecond?: number): Promise<CrowdReport> {
    return this.ask({ come: true, ...(perSecond && { perSecond: perSecond / this.parts.length }) });
  }

  report(): Promise<CrowdReport> {
    return this.ask({});
  }

  /** Waits until all members are counted under one answer of a census, and resolves to the report. */
  async all(
    census: 'connected' | 'replies' | 'received',
    answer: string,
    withinMs: number,
  ): Promise<CrowdReport> {
    let report = await this.report();
    const holds = async (): Promise<boolean> => {
      await pause(LOOK_EVERY_MS);
      report = await this.report();
      return report[census][answer] === this.size;
    };
    try {
      await waitFor(holds, `${census} ${answer} of all`, withinMs);
    } catch (error) {
      throw new Error(JSON.stringify(report).slice(0, 2_000), { cause: error });
    }
    return report;
  }

  close(): void {
    for (const part of this.parts) part.kill('SIGKILL');
  }

  private async ask(what: { readonly come?: true; readonly perSecond?: number }): Promise<CrowdReport> {
    const reports = await Promise.all(
      this.parts.map(async (part) => {
        part.send(what);
        const [report] = (await Promise.race([once(part, 'message'), this.ended])) as [CrowdReport];
        return report;
      }),
    );
    return reports.reduce(add);
  }
}

function add(one: CrowdReport, other: CrowdReport): CrowdReport {
  return {
    connected: sum(one.connected, other.connected),
    replies: sum(one.replies, other.replies),
    received: sum(one.received, other.received),
    turnedAway: sum(one.turnedAway, other.turnedAway),
  };
}

function sum(one: Census, other: Census): Census {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(keys.map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]));
}
