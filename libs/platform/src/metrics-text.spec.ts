import { beforeEach, describe, expect, it } from '@jest/globals';
import { MetricsText } from './metrics-text.js';

describe('MetricsText', () => {
  let now: number;
  let made: number;
  let failure: Error | undefined;
  let text: MetricsText;

  beforeEach(() => {
    [now, made, failure] = [5_000, 0, undefined];
    const metrics = async (): Promise<string> => {
      made++;
      if (failure) throw failure;
      return `text ${made}`;
    };
    text = new MetricsText({ metrics }, () => now);
  });

  it('is made once for all who ask at one time', async () => {
    expect(await Promise.all([text.read(), text.read(), text.read()])).toEqual([
      'text 1',
      'text 1',
      'text 1',
    ]);
  });

  it('is made again after a second, and not before', async () => {
    await text.read();
    now += 999;
    expect(await text.read()).toBe('text 1');
    now += 1;
    expect(await text.read()).toBe('text 2');
  });

  it('is tried again at once after a failure', async () => {
    failure = new Error('a gauge throws');
    await expect(text.read()).rejects.toThrow('a gauge throws');
    failure = undefined;
    expect(await text.read()).toBe('text 2');
  });
});
