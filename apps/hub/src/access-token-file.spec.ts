import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TokenAccess } from '@ringback/access-token';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessTokenFile } from './access-token-file.js';
import { readConfig } from './config.js';

/** For a file system that is slow to tell. */
const CHANGE_MS = 15_000;
const TEST_MS = 60_000;

describe('AccessTokenFile', () => {
  let folder: string;
  let path: string;
  let log: RecordingLog;
  let access: TokenAccess;
  let watched: AccessTokenFile;

  const nameOf = (token: string): Promise<string> =>
    access.authenticate({ token }).then(
      ({ name }) => name,
      () => 'nobody',
    );
  const said = (message: string) => log.lines.filter((line) => line.message.startsWith(message));

  /** As an editor or Kubernetes does: another file under the same name. */
  const write = (text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-tokens-'));
    path = join(folder, 'access-tokens');
    write('app:old:subscribe');
    log = new RecordingLog();
    const { accessTokens = [], accessTokenFile } = readConfig({ RINGBACK_ACCESS_TOKENS_FILE: path });
    access = new TokenAccess(accessTokens);
    if (!accessTokenFile) throw new Error('The configuration names no file.');
    watched = new AccessTokenFile(accessTokenFile, accessTokens, (grants) => access.replace(grants), log);
    watched.onModuleInit();
  });

  afterEach(() => {
    watched.onModuleDestroy();
    rmSync(folder, { recursive: true });
  });

  it(
    'lets in who is new in the file, and nobody who is gone from it',
    async () => {
      write('[{"name":"ann","token":"new","rights":{"subscribe":["order-*"]}}]');
      await waitFor(async () => (await nameOf('new')) === 'ann', 'the new list', CHANGE_MS);
      expect(await nameOf('old')).toBe('nobody');
      expect(said('access tokens read again')).toMatchObject([{ fields: { path, tokens: 1 } }]);
    },
    TEST_MS,
  );

  it(
    'keeps the list, with one line in the log, while the file is wrong or gone',
    async () => {
      write('app:s3cret');
      await waitFor(() => said('access tokens not read again').length === 1, 'the complaint', CHANGE_MS);
      expect(await nameOf('old')).toBe('app');
      rmSync(path);
      await waitFor(() => said('access tokens not read again').length === 2, 'the next one', CHANGE_MS);
      expect(await nameOf('old')).toBe('app');
      expect(JSON.stringify(log.lines)).not.toContain('s3cret');
      write('app:newer:subscribe');
      await waitFor(async () => (await nameOf('newer')) === 'app', 'the list after that', CHANGE_MS);
    },
    TEST_MS,
  );
});
