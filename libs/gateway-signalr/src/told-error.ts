import type { Hub } from '@ringback/core';
import { HubException } from '@ringback/signalr';

/** An error as clients are told it: `<code>: <message>`. It is counted with that. */
export function toldError(hub: Pick<Hub, 'failed'>, error: unknown): HubException {
  const { code, message } = hub.failed(error);
  return new HubException(`${code}: ${message}`);
}
