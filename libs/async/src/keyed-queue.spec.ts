import { describe, expect, it } from '@jest/globals';
import { Deferred } from './deferred.js';
import { KeyedQueue } from './keyed-queue.js';

describe('KeyedQueue', () => {
  it('runs the tasks of a key one after the other, in order, past one that fails', async () => {
    const queue = new KeyedQueue<string>();
    const log: string[] = [];
    const add = (name: string, fails = false) =>
      queue.run('key', async () => {
        log.push(`${name} starts`);
        await Promise.resolve();
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const results = await Promise.allSettled([add('a'), add('b', true), add('c')]);
    expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('runs the tasks of other keys meanwhile', async () => {
    const queue = new KeyedQueue<string>();
    const gate = new Deferred<void>();
    const blocked = queue.run('slow', () => gate.promise);
    expect(await queue.run('quick', () => 'done')).toBe('done');
    gate.resolve();
    await blocked;
  });

  it('rejects where a task throws, and goes on', async () => {
    const queue = new KeyedQueue<string>();
    const failed = queue.run('key', () => {
      throw new Error('thrown');
    });
    const next = queue.run('key', () => 'next');
    await expect(failed).rejects.toThrow('thrown');
    expect(await next).toBe('next');
  });

  it('keeps a key until the result of its last task is known, and no longer', async () => {
    const queue = new KeyedQueue<string>();
    const first = queue.run('key', () => 1);
    const last = queue.run('key', () => 2);
    await first;
    expect([queue.isBusy('key'), queue.size]).toEqual([true, 1]);
    await last;
    expect([queue.isBusy('key'), queue.size]).toEqual([false, 0]);
  });
});
