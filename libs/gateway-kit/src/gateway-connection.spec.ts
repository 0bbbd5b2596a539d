import { describe, expect, it } from '@jest/globals';
import { CLOSE_REASONS, type CloseReason } from '@ringback/contract';
import type { Codec } from '@ringback/core';
import { GatewayConnection } from './gateway-connection.js';

const codec: Codec = { name: 'test', encodeCookie: (cookie) => cookie, prepare: () => (cookie) => cookie };

/** Writes down what it is asked to do. */
class RecordedConnection extends GatewayConnection {
  readonly connectionId = 'one';
  readonly gateway = 'test';
  readonly codec = codec;
  readonly bufferedBytes = 0;
  readonly done: string[] = [];
  fault: Error | undefined;

  protected write(frames: readonly string[]): void {
    this.throwFault();
    this.done.push(frames.join(''));
  }

  protected closeGracefully({ name }: CloseReason, mayReconnect: boolean): void {
    this.throwFault();
    this.done.push(`${name}, ${mayReconnect ? 'come back' : 'stay away'}`);
  }

  protected abort(): void {
    this.done.push('aborted');
    this.throwFault();
  }

  private throwFault(): void {
    if (this.fault) throw this.fault;
  }
}

describe('GatewayConnection', () => {
  const errors: unknown[] = [];
  const connect = (): RecordedConnection => new RecordedConnection((error) => errors.push(error));

  it('closes once, and remembers the first reason', () => {
    const connection = connect();
    connection.close(CLOSE_REASONS.draining);
    connection.close(CLOSE_REASONS['session-taken-over']);
    expect([connection.done, connection.closeReason?.name, connection.open]).toEqual([
      ['draining, come back'],
      'draining',
      false,
    ]);
  });

  it('says whether the client is to come back', () => {
    const connection = connect();
    connection.close(CLOSE_REASONS['session-taken-over']);
    expect(connection.done).toEqual(['session-taken-over, stay away']);
  });

  it('aborts a slow consumer, and not within the turn of the caller', async () => {
    const connection = connect();
    connection.close(CLOSE_REASONS['slow-consumer']);
    expect(connection.done).toEqual([]);
    await Promise.resolve();
    expect(connection.done).toEqual(['aborted']);
  });

  it('never throws at the hub: what a write throws is reported, and the link aborted', () => {
    const connection = connect();
    connection.fault = new Error('broken');
    connection.send(['frame']);
    expect([connection.done, errors]).toEqual([['aborted'], [connection.fault, connection.fault]]);
  });

  it('is not open once a write has failed, and writes nothing more', () => {
    const connection = connect();
    connection.fault = new Error('broken');
    connection.send(['one']);
    connection.fault = undefined;
    connection.send(['two']);
    connection.close(CLOSE_REASONS.draining);
    expect([connection.done, connection.open]).toEqual([['aborted'], false]);
  });

  it('aborts where it cannot close gracefully, and reports what aborting throws', async () => {
    for (const reason of [CLOSE_REASONS.draining, CLOSE_REASONS['slow-consumer']]) {
      errors.length = 0;
      const connection = connect();
      connection.fault = new Error('broken');
      connection.close(reason);
      await Promise.resolve();
      expect(connection.done).toEqual(['aborted']);
      expect(new Set(errors)).toEqual(new Set([connection.fault]));
    }
  });
});
