import { HubError, isWellFormed, utf8Bytes } from '@ringback/contract';
import type { VerifiedToken } from '@ringback/core';
import type { JWTPayload } from 'jose';

/** How far the clocks of an issuer and of the hub may be apart. */
export const SKEW_MS = 30_000;

/** Longest `sub`, `jti` and `sid`: they become names, and parts of keys. */
const MAX_NAME_BYTES = 256;

/**
 * What a token says whose signature, issuer, audience, `exp` and `nbf` are good. Throws `unauthorized` if it was issued in the future, lives longer than
 * allowed, or has a name in it that can be none.
 */
export function readClaims(claims: JWTPayload, now: number, maxLifeMs: number): VerifiedToken {
  const expiresAt = milliseconds(claims.exp);
  const issuedAt = milliseconds(claims.iat);
  if (expiresAt === undefined) throw new HubError('unauthorized', 'The token has no "exp".');
  if (issuedAt !== undefined && issuedAt > now + SKEW_MS)
    throw new HubError('unauthorized', 'The token was issued in the future ("iat").');
  // Without its beginning it is measured from now, by a clock that may be behind the issuer's.
  if (expiresAt - (issuedAt ?? now + SKEW_MS) > maxLifeMs)
    throw new HubError('unauthorized', 'The token lives longer than the hub accepts ("exp", "iat").');
  const [subject, tokenId, sessionId] = [nameOf(claims, 'sub'), nameOf(claims, 'jti'), nameOf(claims, 'sid')];
  return {
    ...(subject !== undefined && { subject }),
    ...(tokenId !== undefined && { tokenId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(issuedAt !== undefined && { issuedAt }),
    expiresAt,
    claims,
  };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function nameOf(claims: JWTPayload, claim: 'sub' | 'jti' | 'sid'): string | undefined {
  const value: unknown = claims[claim];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !isName(value))
    throw new HubError('unauthorized', `The "${claim}" of the token is not a name.`);
  return value;
}

function isName(text: string): boolean {
  return text !== '' && utf8Bytes(text) <= MAX_NAME_BYTES && isWellFormed(text) && !/\p{Cc}/u.test(text);
}
