import { beforeEach, describe, expect, it } from '@jest/globals';
import { CLOSE_REASONS, type CloseReason } from '@ringback/contract';
import { FakeClock } from '@ringback/memory';
import { Flusher } from './flusher.js';
import { Outbox } from './outbox.js';
import type { Codec, Frame } from './ports/codec.port.js';
import type { Connection } from './ports/connection.port.js';

class RecordingConnection implements Connection {
  readonly connectionId = 'c';
  readonly gateway = 'test';
  readonly codec = {} as Codec;
  readonly writes: (readonly Frame[])[] = [];
  readonly closes: CloseReason[] = [];
  bufferedBytes = 0;
  maxBufferedBytes: number | undefined;

  send(frames: readonly Frame[]): void {
    this.writes.push([...frames]);
  }

  close(reason: CloseReason): void {
    this.closes.push(reason);
  }
}

describe('Outbox', () => {
  let clock: FakeClock;
  let connection: RecordingConnection;
  let outbox: Outbox;

  beforeEach(() => {
    clock = new FakeClock();
    connection = new RecordingConnection();
    outbox = new Outbox(connection, 1_000, new Flusher(clock));
  });

  it('hands over what is pending once per turn, in order', () => {
    outbox.push('a');
    outbox.push('b');
    expect(connection.writes).toEqual([]);
    clock.turn();
    outbox.push('c');
    clock.turn();
    clock.turn();
    expect(connection.writes).toEqual([['a', 'b'], ['c']]);
  });

  it('hands over a large burst within the turn', () => {
    const frame = 'x'.repeat(40_000);
    outbox.push(frame);
    outbox.push(frame);
    outbox.push('y');
    expect(connection.writes).toEqual([[frame, frame]]);
    clock.turn();
    expect(connection.writes).toHaveLength(2);
  });

  it('closes a connection whose transport holds more than the bound, and hands over nothing more', () => {
    connection.bufferedBytes = 1_000;
    outbox.push('a');
    clock.turn();
    expect(connection.closes).toEqual([]);

    connection.bufferedBytes = 1_001;
    outbox.push('b');
    clock.turn();
    outbox.push('c');
    clock.turn();
    expect(connection.closes).toEqual([CLOSE_REASONS['slow-consumer']]);
    expect(connection.writes).toEqual([['a'], ['b']]);
    expect(outbox.waitingBytes).toBe(0);
  });

  it('tells how many bytes wait, here and in the transport', () => {
    connection.bufferedBytes = 7;
    outbox.push('abc');
    expect(outbox.waitingBytes).toBe(10);
  });

  it('closes who has a bound of its own when more comes than waits already, and not for one long frame', () => {
    connection.maxBufferedBytes = 500;
    connection.bufferedBytes = 500;
    outbox.push('a long frame');
    clock.turn();
    expect(connection.closes).toEqual([]);
    connection.bufferedBytes = 900;
    expect(outbox.hasRoom).toBe(false);
    outbox.push('one more');
    clock.turn();
    expect(connection.closes).toEqual([CLOSE_REASONS['slow-consumer']]);
  });

  it('has room for what can wait up to half of a bound of its own', () => {
    connection.maxBufferedBytes = 500;
    connection.bufferedBytes = 249;
    expect(outbox.hasRoom).toBe(true);
    connection.bufferedBytes = 250;
    expect(outbox.hasRoom).toBe(false);
  });

  it('tells the budget what was handed over and not passed on', () => {
    const added: [Outbox, number][] = [];
    const budget = { add: (one: Outbox, bytes: number) => added.push([one, bytes]) } as never;
    outbox = new Outbox(connection, 1_000, new Flusher(clock, budget));
    outbox.push('abc');
    clock.turn();
    expect(added).toEqual([]);
    connection.bufferedBytes = 2;
    outbox.push('de');
    clock.turn();
    expect(added).toEqual([[outbox, 2]]);
  });

  it('hands over nothing once closed', () => {
    outbox.push('a');
    outbox.close();
    clock.turn();
    expect(connection.writes).toEqual([]);
  });
});
