import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeClock, RecordingLog } from '@ringback/memory';
import { decodeProtectedHeader } from 'jose';
import { IssuerKeys, MIN_REFRESH_MS, OVERLAP_MS } from './issuer-keys.js';
import { JwtVerifier } from './jwt-verifier.js';
import { AUDIENCE, OidcIssuer } from './testing/oidc-issuer.js';

const [first, second, third] = ['first', 'second', 'third'].map(OidcIssuer.key) as [
  ReturnType<typeof OidcIssuer.key>,
  ReturnType<typeof OidcIssuer.key>,
  ReturnType<typeof OidcIssuer.key>,
];

describe('tokens of oidc-provider', () => {
  let issuer: OidcIssuer;
  let clock: FakeClock;
  let log: RecordingLog;
  let verifier: JwtVerifier;

  beforeEach(async () => {
    // It warns of an adapter that is only for tests.
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    issuer = await OidcIssuer.start(first);
    [clock, log] = [new FakeClock(Date.now()), new RecordingLog()];
    verifier = open();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await issuer.close();
  });

  function open(rules: { issuers?: readonly string[]; audiences?: readonly string[] } = {}): JwtVerifier {
    const all = { issuers: [issuer.url], audiences: [AUDIENCE], maxLifeMs: 3_600_000, ...rules };
    // A busy machine may take longer than the product would wait.
    const limits = { timeoutMs: 25_000, maxBytes: 65_536 };
    return new JwtVerifier(new IssuerKeys(issuer.keySetUrl, { clock, log, limits }), all, clock);
  }

  /** A token that the issuer has just signed. */
  async function signedBy(kid: string): Promise<string> {
    const token = await issuer.token();
    expect(decodeProtectedHeader(token).kid).toBe(kid);
    return token;
  }

  it('are verified, with all that they say', async () => {
    expect(await verifier.verify(await signedBy('first'))).toMatchObject({
      subject: 'till-7',
      tokenId: expect.any(String),
      claims: { iss: issuer.url, aud: AUDIENCE, ringback: { trigger: ['till-*'] } },
    });
    expect(log.lines).toEqual([]);
  });

  it('are refused where they are for somebody else, or of another issuer', async () => {
    const token = await issuer.token();
    await expect(open({ audiences: ['other'] }).verify(token)).rejects.toThrow('"aud"');
    await expect(open({ issuers: ['other'] }).verify(token)).rejects.toThrow('"iss"');
  });

  it('are verified through a rotation of keys, the old ones for their overlap', async () => {
    const [old, older] = [await signedBy('first'), await signedBy('first')];
    await verifier.verify(old);
    issuer.use(second);
    const fresh = await signedBy('second');
    await expect(verifier.verify(fresh)).rejects.toMatchObject({ code: 'issuer-unavailable' });
    clock.advance(MIN_REFRESH_MS);
    expect(await verifier.verify(fresh)).toMatchObject({ subject: 'till-7' });
    expect(await verifier.verify(older)).toMatchObject({ subject: 'till-7' });
    clock.advance(OVERLAP_MS);
    await expect(verifier.verify(older)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('are verified through an outage in the middle of a rotation', async () => {
    const before = await signedBy('first');
    await verifier.verify(before);
    issuer.use(second, first);
    const during = await signedBy('second');
    await issuer.close();
    clock.advance(OVERLAP_MS);
    await expect(verifier.verify(during)).rejects.toMatchObject({ code: 'issuer-unavailable' });
    expect(await verifier.verify(before)).toMatchObject({ subject: 'till-7' });
    await issuer.open();
    clock.advance(MIN_REFRESH_MS);
    expect(await verifier.verify(during)).toMatchObject({ subject: 'till-7' });
    issuer.use(third, second);
    clock.advance(MIN_REFRESH_MS);
    expect(await verifier.verify(await signedBy('third'))).toMatchObject({ subject: 'till-7' });
    expect(log.lines.map(({ message }) => message)).toEqual([
      'token issuer unavailable, known keys stay',
      'token issuer is back',
    ]);
  });

  it('are verified as soon as the issuer is there, if it was away at the start', async () => {
    const token = await issuer.token();
    await issuer.close();
    const early = open();
    await expect(early.verify(token)).rejects.toMatchObject({ code: 'issuer-unavailable' });
    await issuer.open();
    clock.advance(MIN_REFRESH_MS);
    expect(await early.verify(token)).toMatchObject({ subject: 'till-7' });
  });
});
