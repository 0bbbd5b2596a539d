import { describe, expect, it } from '@jest/globals';
import { applyRenames } from './comparison/apply-renames.js';
import { showDifferences } from './comparison/differences.js';
import { leaveOut } from './comparison/leave-out.js';
import { readBefore, readRecorded, readRenames } from './recordings.js';

describe('what this build says and stores', () => {
  const { renames, added, removed } = readRenames();
  const before = leaveOut(readBefore(), removed);
  const renamed = applyRenames(before.section, renames);
  const recorded = leaveOut(readRecorded(), added);

  it('is what the build before the renames did, but for the renames', () => {
    expect(showDifferences(renamed.section, recorded.section)).toBe('');
  });

  it('needs every rename on the list', () => {
    expect(renamed.unused).toEqual([]);
  });

  it('needs every addition on the list', () => {
    expect(recorded.unused).toEqual([]);
  });

  it('needs every removal on the list', () => {
    expect(before.unused).toEqual([]);
  });
});
