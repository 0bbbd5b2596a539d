import type { TokenGrant } from '@ringback/access-token';
import { Global, Module } from '@nestjs/common';
import { BRIDGE_CREDENTIALS, BRIDGE_LOG, BRIDGE_METRICS } from '@ringback/bridge-kit';
import { LOG, METRICS } from '@ringback/nest';
import { randomBytes } from 'node:crypto';
import { BRIDGES_NAME } from './access-tokens.js';

/** What bridges show to the hub that they run in: nobody else has it, and it is good for this process alone. */
export const BRIDGE_ACCESS: TokenGrant = {
  // Of all nodes the same: it is part of the names under which bridges subscribe here.
  name: BRIDGES_NAME,
  token: randomBytes(32).toString('base64url'),
  actions: ['subscribe', 'trigger'],
  unmetered: true,
};

/** What every bridge is given. */
@Global()
@Module({
  providers: [
    { provide: BRIDGE_CREDENTIALS, useValue: { token: BRIDGE_ACCESS.token } },
    { provide: BRIDGE_LOG, useExisting: LOG },
    { provide: BRIDGE_METRICS, useExisting: METRICS },
  ],
  exports: [BRIDGE_CREDENTIALS, BRIDGE_LOG, BRIDGE_METRICS],
})
export class BridgeAccessModule {}
