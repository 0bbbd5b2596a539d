import { HubError } from '@ringback/contract';
import type { Clock, TokenVerifier, VerifiedToken } from '@ringback/core';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { KeyHint, KeySource } from './key-source.js';
import { readClaims, SKEW_MS } from './token-claims.js';
import type { TrustedKey } from './trusted-key.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Whose tokens are good, and for what. */
export interface JwtRules {
  /** The names of who may have issued it; absent: whoever has a key. */
  readonly issuers?: readonly string[];
  /** One of them has to be among those that it is for; absent: it may be for anybody. */
  readonly audiences?: readonly string[];
  /** From its issue to its end; where it does not say when it was issued, from now. */
  readonly maxLifeMs: number;
}

/** Longest token, in bytes; requests with a longer one in a header fail at most servers anyway. */
const MAX_TOKEN_BYTES = 8 * 1_024;

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Whether a text has the shape of a signed token (JWS, compact), good or not. */
function looksLikeJwt(token: string): boolean {
  return COMPACT.test(token);
}

/** Verifies JSON Web Tokens. What they say of their own key and algorithm only picks among what is trusted. */
export class JwtVerifier implements TokenVerifier {
  private readonly verified = new VerifiedTokens();

  constructor(
    private readonly keys: KeySource,
    private readonly rules: JwtRules,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Rejects with `unauthorized` and a reason that repeats nothing of the token, or with `issuer-unavailable` where its key cannot be had now. */
  async verify(token: string): Promise<VerifiedToken> {
    if (token.length > MAX_TOKEN_BYTES)
      throw new HubError('unauthorized', `The token is longer than ${MAX_TOKEN_BYTES} bytes.`);
    const known = this.verified.find(token, this.clock.now());
    if (known) return known;
    const claims = await this.verifySignature(token, await this.keys.find(hintOf(token)));
    const now = this.clock.now();
    const verified = readClaims(claims, now, this.rules.maxLifeMs);
    this.verified.add(token, verified, now);
    return verified;
  }

  private async verifySignature(token: string, keys: readonly TrustedKey[]): Promise<JWTPayload> {
    for (const key of keys) {
      const claims = await this.tryKey(token, key);
      if (claims) return claims;
    }
    throw new HubError('unauthorized', 'The token is not signed by a key that is trusted.');
  }

  /** `undefined` if it is not signed by this key. */
  private async tryKey(token: string, { key, algorithms }: TrustedKey): Promise<JWTPayload | undefined> {
    const { issuers, audiences } = this.rules;
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [...algorithms],
        clockTolerance: SKEW_MS / 1_000,
        currentDate: new Date(this.clock.now()),
        ...(issuers && { issuer: [...issuers] }),
        ...(audiences && { audience: [...audiences] }),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
      throw refusal(error);
    }
  }
}

/** Throws `unauthorized` for what is no signed token. */
function hintOf(token: string): KeyHint {
  const { alg, kid } = looksLikeJwt(token) ? headerOf(token) : {};
  if (typeof alg !== 'string' || (kid !== undefined && typeof kid !== 'string'))
    throw new HubError('unauthorized', 'The token is not a signed JSON Web Token.');
  return { algorithm: alg, ...(kid !== undefined && { keyId: kid }) };
}

function headerOf(token: string): { readonly alg?: unknown; readonly kid?: unknown } {
  try {
    return decodeProtectedHeader(token);
  } catch (error) {
    throw new HubError('unauthorized', 'The header of the token cannot be read.', { cause: error });
  }
}

/** What the library refuses is not good; anything else is a fault. */
function refusal(error: unknown): HubError {
  if (error instanceof errors.JWTExpired) return new HubError('unauthorized', 'The token is over ("exp").');
  if (error instanceof errors.JWTClaimValidationFailed)
    return new HubError('unauthorized', `The "${error.claim}" of the token is missing or not accepted.`);
  if (error instanceof errors.JOSEError)
    return new HubError('unauthorized', 'The token is malformed, or asks for what the hub does not know.');
  return HubError.from(error);
}
