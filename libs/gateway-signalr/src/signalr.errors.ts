import type { HubError } from '@ringback/contract';
import { HubException } from '@ringback/signalr';

/** An error as clients are told it: `<code>: <message>`. */
export function toldError({ code, message }: HubError): HubException {
  return new HubException(`${code}: ${message}`);
}
