import { describe, expect, it } from '@jest/globals';
import { SerialQueue } from './serial-queue.js';

describe('SerialQueue', () => {
  it('runs tasks one after the other, in order, past one that fails', async () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    const task = (name: string, fails = false) =>
      queue.run(async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });

    const results = await Promise.allSettled([task('a'), task('b', true), task('c')]);

    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('is idle when the last result has been told', async () => {
    const queue = new SerialQueue();
    expect(queue.idle).toBe(true);
    const running = queue.run(() => Promise.resolve());
    expect(queue.idle).toBe(false);
    await running;
    expect(queue.idle).toBe(true);
  });
});
