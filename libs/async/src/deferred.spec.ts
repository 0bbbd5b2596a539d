import { describe, expect, it } from '@jest/globals';
import { Deferred } from './deferred.js';

describe('Deferred', () => {
  it('resolves from outside, once', async () => {
    const deferred = new Deferred<string>();
    deferred.resolve('first');
    deferred.resolve('second');
    deferred.reject(new Error('late'));
    expect(await deferred.promise).toBe('first');
  });

  it('rejects from outside', async () => {
    const deferred = new Deferred<string>();
    deferred.reject(new Error('away'));
    await expect(deferred.promise).rejects.toThrow('away');
  });
});
