import { describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { warnOfFileLimit } from './file-limit.js';

const LIMITS = { connectionsPerNode: 10_000, pendingConnections: 2_000 };

describe('warnOfFileLimit', () => {
  it.each([13_000, 20_000, undefined])('says nothing where %s files may be open', (fileLimit) => {
    const log = new RecordingLog();
    warnOfFileLimit(LIMITS, log, fileLimit);
    expect(log.lines).toEqual([]);
  });

  it('warns where connections, those that are not admitted yet and 1,000 more do not fit', () => {
    const log = new RecordingLog();
    warnOfFileLimit(LIMITS, log, 12_999);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { fileLimit: 12_999, needed: 13_000 } }]);
  });
});
