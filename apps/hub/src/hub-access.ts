import type { Provider } from '@nestjs/common';
import { RightsAccess } from '@ringback/access-rights';
import { TokenAccess, type TokenGrant } from '@ringback/access-token';
import type { AccessPolicy, Log } from '@ringback/core';
import { OpenAccess } from '@ringback/memory';
import { ACCESS_POLICY } from '@ringback/nest';
import { AccessTokenFile } from './access-token-file.js';
import { BRIDGE_ACCESS } from './bridge-access.js';
import type { Config } from './config.js';

type AccessConfig = Pick<Config, 'accessTokens' | 'accessTokenFile' | 'anonymous'>;

/** Who may do what at this node: those of the list of tokens, its bridges, and whoever shows none, as far as that is allowed. */
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

function pickAccess(log: Log, { accessTokens, anonymous }: AccessConfig, tokens: TokenAccess): AccessPolicy {
  if (anonymous) return new RightsAccess({ policies: [tokens], anonymous });
  if (accessTokens) return tokens;
  log.warn('authentication disabled: RINGBACK_ACCESS_TOKENS is not set');
  return new OpenAccess();
}

function withBridges(grants: readonly TokenGrant[]): readonly TokenGrant[] {
  return [...grants, BRIDGE_ACCESS];
}
