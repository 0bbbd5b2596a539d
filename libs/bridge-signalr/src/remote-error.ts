import { HubError, isErrorCode } from '@ringback/contract';

/** How a Ringback puts an error: `<code>: <message>`, behind whatever SignalR says. */
const CODED = /HubException: ([a-z-]+): (.*)$/s;

/** What a call to a remote hub failed with. One that was cut off is `closed`: whether it was carried out is not known. */
export function remoteError(error: unknown, connected: boolean): HubError {
  if (!connected) return new HubError('closed', undefined, { cause: error });
  const [, code, message] = CODED.exec(error instanceof Error ? error.message : '') ?? [];
  if (isErrorCode(code)) return new HubError(code, message, { cause: error });
  return new HubError('internal', 'The remote hub has refused.', { cause: error });
}
