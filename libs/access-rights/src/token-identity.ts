import { HubError, isWellFormed, utf8Bytes } from '@ringback/contract';
import type { Identity, VerifiedToken } from '@ringback/core';
import { ANONYMOUS_NAME } from './anonymous-access.js';
import { CompiledRights } from './compiled-rights.js';
import { InvalidRightsError } from './invalid-rights.error.js';
import { parseRights } from './parse-rights.js';

/** Longest subject, in bytes of UTF-8. */
const SUBJECT_BYTES = 256;

/** Subjects are the issuer's to give: none is the name of somebody whom the hub knows otherwise. */
const SUBJECT_PREFIX = 'sub:';

/** Who shows the token. Throws `unauthorized` for a subject that is no name. */
export function identityOf({ subject, expiresAt }: VerifiedToken): Identity {
  const ends = expiresAt === undefined ? {} : { expiresAt };
  if (subject === undefined) return Object.freeze({ name: ANONYMOUS_NAME, anonymous: true, ...ends });
  if (
    subject === '' ||
    utf8Bytes(subject) > SUBJECT_BYTES ||
    !isWellFormed(subject) ||
    /\p{Cc}/u.test(subject)
  )
    throw new HubError(
      'unauthorized',
      `The subject of the token is empty, longer than ${SUBJECT_BYTES} bytes, or holds control characters or lone surrogates.`,
    );
  return Object.freeze({ name: SUBJECT_PREFIX + subject, ...ends });
}

/** What the claim says; `undefined` for a token without it. Throws `unauthorized` for what are no rights. */
export function rightsIn({ claims }: VerifiedToken, claim: string): CompiledRights | undefined {
  if (!Object.hasOwn(claims, claim)) return undefined;
  try {
    return new CompiledRights(parseRights(claims[claim]), claims);
  } catch (error) {
    if (!(error instanceof InvalidRightsError)) throw error;
    throw new HubError('unauthorized', `The rights in the token are none: ${error.message}.`, {
      cause: error,
    });
  }
}
