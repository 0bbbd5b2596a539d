import { beforeEach, describe, expect, it } from '@jest/globals';
import { CLOSE_REASONS, type CloseReason } from '@ringback/contract';
import { FakeClock } from '@ringback/memory';
import { Flusher, Outbox } from './outbox.js';
import type { Codec, Frame } from './ports/codec.port.js';
import type { Connection } from './ports/connection.port.js';

class RecordingConnection implements Connection {
  readonly connectionId = 'c';
  readonly gateway = 'test';
  readonly codec = {} as Codec;
  readonly writes: (readonly Frame[])[] = [];
  readonly closes: CloseReason[] = [];
  bufferedBytes = 0;

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

  it('hands over nothing once closed', () => {
    outbox.push('a');
    outbox.close();
    clock.turn();
    expect(connection.writes).toEqual([]);
  });
});
