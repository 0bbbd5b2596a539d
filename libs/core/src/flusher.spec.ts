import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@ringback/memory';
import { Flusher } from './flusher.js';
import { Outbox } from './outbox.js';
import type { Frame } from './ports/codec.port.js';
import { RecordingConnection } from './testing/recording-connection.js';

/** What it hands over takes a millisecond. */
class SlowConnection extends RecordingConnection {
  readonly writes: (readonly Frame[])[] = [];

  constructor(private readonly clock: FakeClock) {
    super('c');
  }

  override send(frames: readonly Frame[]): void {
    this.writes.push([...frames]);
    this.clock.advance(1);
  }
}

describe('Flusher', () => {
  const COUNT = 1_000;
  /** As long as it may take of a turn, and what it does between two looks at the clock. */
  const MOST_MS = 16;
  let clock: FakeClock;
  let flusher: Flusher;
  let connections: SlowConnection[];
  let outboxes: Outbox[];

  beforeEach(() => {
    clock = new FakeClock();
    flusher = new Flusher(clock);
    connections = Array.from({ length: COUNT }, () => new SlowConnection(clock));
    outboxes = connections.map((connection) => new Outbox(connection, 1_000, flusher));
  });

  const countServed = (): number => connections.filter(({ writes }) => writes.length > 0).length;

  function turnMs(): number {
    const before = clock.now();
    clock.turn();
    return clock.now() - before;
  }

  it('takes a bounded time of each turn for one envelope that goes to very many, in order', () => {
    for (const outbox of outboxes) outbox.push('a');
    const turns: number[] = [];
    while (countServed() < COUNT) {
      turns.push(turnMs());
      const served = countServed();
      expect(connections.slice(0, served).every(({ writes }) => writes.length === 1)).toBe(true);
    }
    expect(Math.max(...turns)).toBeLessThanOrEqual(MOST_MS);
    expect(turnMs()).toBe(0);
  });

  it('hands over what comes meanwhile together with what waits, in order, and once', () => {
    for (const outbox of outboxes) outbox.push('a');
    clock.turn();
    const served = countServed();
    for (const outbox of outboxes) outbox.push('b');
    for (let ms = turnMs(); ms > 0; ms = turnMs());
    expect(connections.map(({ writes }) => writes)).toEqual(
      connections.map((_, index) => (index < served ? [['a'], ['b']] : [['a', 'b']])),
    );
  });

  it('runs a task when all that was pending has been handed over, and not before', () => {
    for (const outbox of outboxes) outbox.push('a');
    const served: number[] = [];
    flusher.after(() => served.push(countServed()));
    clock.turn();
    expect(served).toEqual([]);
    while (served.length === 0) clock.turn();
    expect(served).toEqual([COUNT]);
  });
});
