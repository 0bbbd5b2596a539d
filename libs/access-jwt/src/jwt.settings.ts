import {
  defaulted,
  InvalidSettingError,
  matching,
  splitList,
  StartupError,
  wholeNumber,
  type Setting,
  type SettingInfo,
  type SettingValues,
} from '@ringback/settings';
import { faultOfKeySetUrl } from './key-set-url.js';
import type { JwtRules } from './jwt-verifier.js';
import { trustPemKeys } from './pem-keys.js';
import { trustSecret, UntrustedKeyError, type TrustedKey } from './trusted-key.js';

const HOUR_MS = 60 * 60_000;

/** Whose tokens are trusted. */
export interface JwtOptions extends JwtRules {
  /** The claim that holds the rights. */
  readonly rightsClaim: string;
  /** The keys, or the URL that they are under. */
  readonly keys: readonly TrustedKey[] | string;
}

/** What the environment says of JSON Web Tokens. */
export const JWT_SETTINGS = {
  RINGBACK_JWT_SECRET: keys((text) => [trustSecret(text)], 'a text of at least 32 bytes', {
    doc: 'Secret that JSON Web Tokens are signed with by HS256; from 48 bytes by HS384 too, from 64 by HS512.',
    absent: 'None are taken that are signed with a secret.',
    secret: true,
  }),
  RINGBACK_JWT_PUBLIC_KEY: keys(trustPemKeys, 'up to 8 PEM blocks with a PUBLIC KEY', {
    doc: 'Public keys that JSON Web Tokens are signed by: RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519, in PEM, one behind the other.',
    absent: 'No key is known beforehand.',
    secret: true,
  }),
  RINGBACK_JWT_JWKS_URL: keySetUrl({
    doc: 'Where the issuer of JSON Web Tokens publishes its keys. At most one of this, `RINGBACK_JWT_SECRET` and `RINGBACK_JWT_PUBLIC_KEY` is set.',
    absent: 'Nobody is asked for keys.',
  }),
  RINGBACK_JWT_ISSUER: names({
    doc: 'Names of the issuer, as `iss` of its tokens has them. Several are names of one: whoever has a trusted key may use each.',
    absent: '`iss` may be anything.',
  }),
  RINGBACK_JWT_AUDIENCE: names({
    doc: 'Names of this hub, of which `aud` of a token has to have one.',
    absent: '`aud` may be anything: tokens that the issuer makes for others are good here too.',
  }),
  RINGBACK_JWT_RIGHTS_CLAIM: defaulted(
    'ringback',
    matching(/^[\x21-\x7e]{1,256}$/, '1–256 printable characters of ASCII', {
      doc: 'The claim of JSON Web Tokens that holds the rights. Issuers that take only claims with a name space need another, such as `https://hub.example/rights`.',
    }),
  ),
  RINGBACK_JWT_MAX_LIFE_MS: wholeNumber(
    24 * HOUR_MS,
    'Longest time between `iat` and `exp` of a token; without `iat` between now and `exp`.',
    { min: 1_000, max: 366 * 24 * HOUR_MS },
  ),
} as const;

const SOURCES = ['RINGBACK_JWT_SECRET', 'RINGBACK_JWT_PUBLIC_KEY', 'RINGBACK_JWT_JWKS_URL'] as const;
const NEEDING_KEYS = ['RINGBACK_JWT_ISSUER', 'RINGBACK_JWT_AUDIENCE'] as const;

/** `undefined` where no JSON Web Tokens are taken. Throws `StartupError` if it is not clear whose they are. */
export function jwtOptions(values: SettingValues<typeof JWT_SETTINGS>): JwtOptions | undefined {
  const [source, another] = SOURCES.filter((name) => values[name] !== undefined);
  if (source !== undefined && another !== undefined)
    throw new StartupError(`${source} and ${another} are both set; set one of them.`);
  const keys = source && values[source];
  if (keys === undefined) return assertNothingNeedsKeys(values);
  const { RINGBACK_JWT_ISSUER: issuers, RINGBACK_JWT_AUDIENCE: audiences } = values;
  return {
    keys,
    maxLifeMs: values.RINGBACK_JWT_MAX_LIFE_MS,
    rightsClaim: values.RINGBACK_JWT_RIGHTS_CLAIM,
    ...(issuers && { issuers }),
    ...(audiences && { audiences }),
  };
}

/** Whoever has set these believes that tokens are verified. */
function assertNothingNeedsKeys(values: SettingValues<typeof JWT_SETTINGS>): undefined {
  const lonely = NEEDING_KEYS.find((name) => values[name] !== undefined);
  if (lonely !== undefined)
    throw new StartupError(
      `${lonely}=${JSON.stringify(values[lonely]?.join(','))} needs one of ${SOURCES.join(', ')}.`,
    );
}

function keys(
  parse: (text: string) => readonly TrustedKey[],
  allowed: string,
  info: SettingInfo,
): Setting<readonly TrustedKey[]> {
  const parseSetting = (text: string): readonly TrustedKey[] => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof UntrustedKeyError) throw new InvalidSettingError(error.message, { cause: error });
      throw error;
    }
  };
  return { ...info, allowed, parse: parseSetting };
}

function keySetUrl(info: SettingInfo): Setting<string> {
  return {
    ...info,
    allowed:
      'a URL with https, or with http for this machine, a private address, a name without a dot, or one that ends in .localhost, .local, .internal or .svc',
    parse: (text) => {
      const fault = faultOfKeySetUrl(text);
      if (fault !== undefined) throw new InvalidSettingError(fault);
      return text;
    },
  };
}

function names(info: SettingInfo): Setting<readonly string[]> {
  return {
    ...info,
    allowed: 'names, separated by commas',
    parse: (text) => {
      const list = splitList(text);
      if (list.length === 0) throw new InvalidSettingError('names nobody');
      return list;
    },
  };
}
