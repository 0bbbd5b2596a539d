import type { Provider } from '@nestjs/common';
import { openVerifier } from '@ringback/access-jwt';
import { RightsAccess } from '@ringback/access-rights';
import { TokenAccess, type TokenGrant } from '@ringback/access-token';
import type { AccessPolicy, Log } from '@ringback/core';
import { OpenAccess, SystemClock } from '@ringback/memory';
import { ACCESS_POLICY } from '@ringback/nest';
import { AccessTokenFile } from './access-token-file.js';
import { BRIDGE_ACCESS } from './bridge-access.js';
import type { Config } from './config.js';

type AccessConfig = Pick<Config, 'accessTokens' | 'accessTokenFile' | 'anonymous' | 'jwt'>;

/** Who may do what at this node: those of the list of tokens, those whom an issuer vouches for, its bridges, and whoever shows none, as far as that is allowed. */
export function accessProviders(log: Log, config: AccessConfig): readonly Provider[] {
  const { accessTokens = [], accessTokenFile: file } = config;
  const tokens = new TokenAccess(withBridges(accessTokens));
  const replace = (grants: readonly TokenGrant[]): void => tokens.replace(withBridges(grants));
  const watched = file && {
    provide: AccessTokenFile,
    useFactory: () => new AccessTokenFile(file, accessTokens, replace, log),
  };
  return [
    { provide: ACCESS_POLICY, useFactory: () => pickAccess(log, config, tokens) },
    ...(watched ? [watched] : []),
  ];
}

function pickAccess(log: Log, config: AccessConfig, tokens: TokenAccess): AccessPolicy {
  const { accessTokens, anonymous, jwt } = config;
  if (anonymous || jwt)
    return new RightsAccess({
      policies: [tokens],
      ...(anonymous && { anonymous }),
      ...(jwt && { verifier: openVerifier(jwt, { clock: new SystemClock(), log }), claim: jwt.rightsClaim }),
    });
  if (accessTokens) return tokens;
  log.warn('authentication disabled: RINGBACK_ACCESS_TOKENS is not set');
  return new OpenAccess();
}

function withBridges(grants: readonly TokenGrant[]): readonly TokenGrant[] {
  return [...grants, BRIDGE_ACCESS];
}
