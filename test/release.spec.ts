import { describe, expect, it } from '@jest/globals';
import { problemsOf } from '../scripts/release/problems.mjs';

const READY = {
  version: '1.2.3',
  versionsElsewhere: { 'package-lock.json': '1.2.3', 'Chart.yaml': '1.2.3' },
  changelog: '# Changelog\n\n## 1.2.3 (2026-12-01)\n\n- More.\n\n## 1.2.2\n\n- Less.\n',
  changes: [],
  isDryRun: false,
};
const UNRELEASED = '# Changelog\n\n## Unreleased\n\n- More.\n';

describe('a release', () => {
  it('has nothing in its way where versions agree, the changelog says what is new, and all is committed', () => {
    expect(problemsOf(READY)).toEqual([]);
  });

  it.each([
    [
      'a version that is none',
      { version: '1.2', versionsElsewhere: {} },
      "'1.2' in package.json is no version.",
    ],
    [
      'a lock file of another version',
      { versionsElsewhere: { 'package-lock.json': '1.2.2' } },
      'package-lock.json says 1.2.2',
    ],
    [
      'a chart without a version',
      { versionsElsewhere: { 'Chart.yaml': undefined } },
      'Chart.yaml says nothing',
    ],
    ['no heading in the changelog', { changelog: UNRELEASED }, "under '## 1.2.3'"],
    ['a heading with nothing below it', { changelog: '## 1.2.3\n## 1.2.2\n- Less.\n' }, "under '## 1.2.3'"],
    ['a work tree that is not clean', { changes: ['README.md'] }, 'not clean: README.md'],
  ])('is refused for %s', (_what, state, sentence) => {
    expect(problemsOf({ ...READY, ...state }).join()).toContain(sentence);
  });

  it('may be tried, in a dry run, with changes and before the changelog has its heading', () => {
    const trial = { ...READY, changelog: UNRELEASED, changes: ['README.md'], isDryRun: true };
    expect(problemsOf(trial)).toEqual([]);
    expect(problemsOf({ ...trial, versionsElsewhere: { 'Chart.yaml': '1.2.2' } })).toHaveLength(1);
  });
});
