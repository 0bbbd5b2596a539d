import { parseEventGuid, type Envelope, type Position } from '@ringback/contract';
import type { Missed, Relayed, Standing } from '@ringback/core';
import { CountingMetrics, RecordingLog } from '@ringback/memory';
import { FollowedChannel } from '../followed-channel.js';
import { ManualTimers } from './manual-timers.js';

const eventguid = parseEventGuid('event');

/** The position `epoch:offset`. */
const at = (text: string): Position => {
  const [epoch = '', offset] = text.split(':');
  return { epoch, offset: Number(offset) };
};

/** An envelope at `epoch:offset`, whose epoch opened at an offset. */
export const envelopeAt = (text: string, epochStart = 0): Relayed => ({
  envelope: { eventguid, position: at(text), data: text, time: 0, oneShot: false },
  epochStart,
});

/** Where the event stands. */
export const standingAt = (text: string, epochStart = 0): Standing => ({
  position: at(text),
  epochStart,
  cut: 0,
});

/** One followed event, over a relay whose answers a spec gives when it likes. */
export class ScriptedRelay {
  readonly log = new RecordingLog();
  readonly metrics = new CountingMetrics();
  /** What has been handed on. */
  readonly handedOn: unknown[] = [];
  /** After which positions has been read. */
  readonly reads: string[] = [];
  readonly channel: FollowedChannel;
  private answer: (missed: Missed) => void = () => {};

  constructor(
    private readonly standing: Standing | undefined,
    maxHeldBytes = 1_000_000,
  ) {
    this.channel = new FollowedChannel(eventguid, {
      relay: {
        follow: async () => {},
        unfollow: async () => {},
        since: (_, { epoch, offset }) => {
          this.reads.push(`${epoch}:${offset}`);
          return new Promise((resolve) => {
            this.answer = resolve;
          });
        },
        standings: async () => [this.standing],
      },
      timers: new ManualTimers(),
      log: this.log,
      metrics: this.metrics,
      maxHeldBytes,
      onNext: ({ data }: Envelope) => this.handedOn.push(data),
    });
  }

  static async open(standing: Standing | undefined, maxHeldBytes?: number): Promise<ScriptedRelay> {
    const scripted = new ScriptedRelay(standing, maxHeldBytes);
    await scripted.channel.open();
    return scripted;
  }

  receive(...relayed: readonly Relayed[]): void {
    for (const one of relayed) this.channel.receive(one);
  }

  /** Answers the read that waits, and lets the channel go on. */
  async answers(missed: Missed): Promise<void> {
    this.answer(missed);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
