import { expect, it } from '@jest/globals';
import { showDifferences } from './comparison/differences.js';
import { recordSurface } from './record.js';
import { readRecorded } from './recordings.js';

it('says and stores what is recorded; `npm run surface` records it again', async () => {
  expect(showDifferences(readRecorded(), await recordSurface())).toBe('');
});
