import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { FakeClock, RecordingLog } from '@ringback/memory';
import { openVerifier } from './open-verifier.js';
import { KeySetServer } from './testing/key-set-server.js';
import { SigningKey } from './testing/signing-key.js';

const signer = SigningKey.pair('ES256');

describe('openVerifier', () => {
  let server: KeySetServer;
  let log: RecordingLog;

  beforeEach(async () => {
    server = await KeySetServer.start();
    server.publish(signer.jwk({ kid: 'a' }));
    log = new RecordingLog();
  });

  afterEach(() => server.close());

  it('verifies by the keys of the configuration', async () => {
    const verifier = openVerifier(
      { keys: [signer.trusted], maxLifeMs: 3_600_000 },
      { clock: new FakeClock(), log },
    );
    expect(await verifier.verify(await signer.sign())).toMatchObject({ subject: 'user-42' });
    expect(log.lines).toEqual([]);
  });

  it('begins to fetch the keys of an issuer before there is a token', async () => {
    const options = { keys: server.url, audiences: ['hub'], maxLifeMs: 3_600_000 };
    const verifier = openVerifier(options, { clock: new FakeClock(), log });
    await waitFor(() => server.requests === 1, 'the request');
    const token = await signer.sign({ aud: 'hub' }, { kid: 'a' });
    expect(await verifier.verify(token)).toMatchObject({ subject: 'user-42' });
    expect([server.requests, log.lines]).toEqual([1, []]);
  });

  it('warns of an issuer whose tokens for others are good too', () => {
    openVerifier({ keys: server.url, maxLifeMs: 3_600_000 }, { clock: new FakeClock(), log });
    expect(log.lines).toMatchObject([
      { level: 'warn', message: expect.stringContaining('RINGBACK_JWT_AUDIENCE is not set') },
    ]);
  });
});
