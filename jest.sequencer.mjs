import TestSequencer from '@jest/test-sequencer';

/** Integration first: its specs take longest, and a long one that is begun last leaves the other workers idle. */
export default class LongestFirst extends TestSequencer {
  /** @param {Parameters<TestSequencer['sort']>[0]} tests */
  async sort(tests) {
    const sorted = await super.sort(tests);
    return sorted.sort((a, b) => Number(isUnit(a)) - Number(isUnit(b)));
  }
}

/** @param {Parameters<TestSequencer['sort']>[0][number]} test */
function isUnit({ context }) {
  return context.config.displayName?.name === 'unit';
}
