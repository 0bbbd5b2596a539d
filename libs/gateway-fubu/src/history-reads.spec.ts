import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { parseEventGuid, type Envelope } from '@ringback/contract';
import { HistoryReads } from './history-reads.js';

const eventguid = parseEventGuid('e');
const identity = { name: 'anybody' };

function envelope(offset: number): Envelope {
  return { eventguid, position: { epoch: 'a', offset }, data: `${offset}`, time: 0, oneShot: false };
}

/** A hub whose history grows with each reading, and that answers when it is told to. */
class SlowHub {
  readonly answers: (() => void)[] = [];
  fails = false;

  history(): Promise<readonly Envelope[]> {
    const kept = Array.from({ length: this.answers.length + 1 }, (_, index) => envelope(index + 1));
    return new Promise((resolve, reject) => {
      this.answers.push(() => (this.fails ? reject(new Error('lost')) : resolve(kept)));
    });
  }
}

describe('HistoryReads', () => {
  it('reads once for all who come while another reading runs, and answers each up to its place', async () => {
    const hub = new SlowHub();
    const reads = new HistoryReads(hub);
    const upTo = (offset: number) => reads.read(identity, eventguid, { epoch: 'a', offset });
    const [first, ...others] = [upTo(1), upTo(1), upTo(2), upTo(5)];
    expect(hub.answers).toHaveLength(1);
    hub.answers[0]?.();
    expect((await first)?.map(({ data }) => data)).toEqual(['1']);
    await waitFor(() => hub.answers.length === 2, 'the second reading');
    hub.answers[1]?.();
    const answers = await Promise.all(others);
    expect(answers.map((kept) => kept.map(({ data }) => data))).toEqual([['1'], ['1', '2'], ['1', '2']]);
    expect(answers[1]?.[0]).toBe(answers[2]?.[0]); // one text will do for both
    expect(hub.answers).toHaveLength(2);
  });

  it('reads anew for who comes later, and after a failure', async () => {
    const hub = new SlowHub();
    const reads = new HistoryReads(hub);
    for (let round = 1; round <= 3; round++) {
      hub.fails = round === 2;
      const reading = reads.read(identity, eventguid, { epoch: 'a', offset: 1 });
      await waitFor(() => hub.answers.length === round, 'the reading');
      hub.answers[round - 1]?.();
      if (hub.fails) await expect(reading).rejects.toThrow('lost');
      else await expect(reading).resolves.toHaveLength(1);
    }
  });

  it('tells only those who waited for it of a failure', async () => {
    const hub = new SlowHub();
    const reads = new HistoryReads(hub);
    const failing = reads.read(identity, eventguid, { epoch: 'a', offset: 1 });
    const waiting = reads.read(identity, eventguid, { epoch: 'a', offset: 1 });
    hub.fails = true;
    hub.answers[0]?.();
    await expect(failing).rejects.toThrow('lost');
    await waitFor(() => hub.answers.length === 2, 'the second reading');
    hub.fails = false;
    hub.answers[1]?.();
    await expect(waiting).resolves.toHaveLength(1);
  });
});
