import { describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { StandingsComparison } from './standings-comparison.js';
import { ManualTimers } from './testing/manual-timers.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('StandingsComparison', () => {
  it('compares once more for a request that comes while another one ends, at whichever moment', async () => {
    for (let steps = 0; steps < 20; steps++) {
      let asked = 0;
      const relay = {
        standings: async () => {
          asked++;
          return [];
        },
      };
      const context = { relay, timers: new ManualTimers(), log: new RecordingLog() };
      const comparison = new StandingsComparison([], context);
      comparison.request();
      for (let step = 0; step < steps; step++) await Promise.resolve();
      comparison.request();
      await turn();
      expect([steps, asked]).toEqual([steps, 2]);
    }
  });
});
