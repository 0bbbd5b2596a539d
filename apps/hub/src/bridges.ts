import type { DynamicModule } from '@nestjs/common';
import { SignalRBridgeModule } from '@ringback/bridge-signalr';
import type { Action } from '@ringback/core';
import { randomBytes } from 'node:crypto';
import { BRIDGES, type AccessToken } from './access-tokens.js';
import type { NodeParts } from './node-parts.js';

const ACTIONS: readonly Action[] = ['subscribe', 'trigger'];

/** What bridges show to the hub that they run in: nobody else has it, and it is good for this process alone. */
export const BRIDGE_GRANT: AccessToken = {
  // Of all nodes the same: it is part of the names under which bridges subscribe here.
  name: BRIDGES,
  token: randomBytes(32).toString('base64url'),
  actions: ACTIONS,
};

/** Every kind of bridge: one line each. */
export function bridgeModules({ config, log, metrics }: NodeParts): readonly DynamicModule[] {
  const credentials = { token: BRIDGE_GRANT.token };
  return [SignalRBridgeModule.forRoot(config.bridges, { log, metrics, credentials })];
}
