import type { Clock, Log } from '@ringback/core';
import { IssuerKeys } from './issuer-keys.js';
import type { JwtOptions } from './jwt.settings.js';
import { JwtVerifier } from './jwt-verifier.js';
import type { KeySource } from './key-source.js';
import { StaticKeys } from './static-keys.js';

/** What a verifier needs of its process. */
export interface VerifierParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** The verifier of a configuration. It begins to fetch the keys of an issuer at once, and waits for nothing. */
export function openVerifier(
  { keys, ...rules }: Omit<JwtOptions, 'rightsClaim'>,
  parts: VerifierParts,
): JwtVerifier {
  return new JwtVerifier(
    typeof keys === 'string' ? keysUnder(keys, rules, parts) : new StaticKeys(keys),
    rules,
    parts.clock,
  );
}

function keysUnder(
  url: string,
  { audiences }: Pick<JwtOptions, 'audiences'>,
  parts: VerifierParts,
): KeySource {
  if (!audiences)
    parts.log.warn(
      'tokens that the issuer makes for others are good here: RINGBACK_JWT_AUDIENCE is not set',
      { url },
    );
  const keys = new IssuerKeys(url, parts);
  keys.start();
  return keys;
}
