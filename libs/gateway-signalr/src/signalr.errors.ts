import type { HubError } from '@ringback/contract';
import { HubException } from '@ringback/signalr';

/** An error as clients get it: `<code>: <message>`. */
export function toHubException({ code, message }: HubError): HubException {
  return new HubException(`${code}: ${message}`);
}
