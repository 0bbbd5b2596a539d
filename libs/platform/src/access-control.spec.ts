import { beforeEach, describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { assertAccessControl } from './access-control.js';

const NONE = { variable: 'RINGBACK_ACCESS_TOKENS', hasTokens: false, allowAnonymous: false };

describe('assertAccessControl', () => {
  let log: RecordingLog;

  beforeEach(() => {
    log = new RecordingLog();
  });

  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost', '::ffff:127.0.0.1', 'no-such-name.invalid'])(
    'lets a process without access control listen on %s',
    async (host) => {
      await assertAccessControl({ ...NONE, host }, log);
      expect(log.lines).toEqual([]);
    },
  );

  it.each(['0.0.0.0', '::', '10.1.2.3', '192.0.2.1', 'fd00::1', '128.0.0.1'])(
    'refuses it on %s, with one sentence',
    async (host) => {
      await expect(assertAccessControl({ ...NONE, host }, log)).rejects.toThrow(
        `HOST=${host} lets others than this machine in, and RINGBACK_ACCESS_TOKENS is not set: set it, or RINGBACK_ALLOW_ANONYMOUS=true if everybody may do everything.`,
      );
    },
  );

  it('lets a process with access control listen everywhere', async () => {
    await assertAccessControl({ ...NONE, host: '0.0.0.0', hasTokens: true }, log);
    expect(log.lines).toEqual([]);
  });

  it('lets one without listen everywhere if that is wanted, and says so', async () => {
    await assertAccessControl({ ...NONE, host: '0.0.0.0', allowAnonymous: true }, log);
    expect(log.lines).toEqual([
      expect.objectContaining({
        message: 'everybody on the network may do everything: RINGBACK_ALLOW_ANONYMOUS is true',
      }),
    ]);
  });
});
