import { HubError, isErrorCode } from '@ringback/contract';

/** How a Ringback puts an error: `<code>: <message>`, behind whatever SignalR says. */
const CODED = /HubException: ([a-z-]+): (.*)$/s;
/** The words of a remote hub are kept, and logged, up to here: they may repeat what they were about. */
const MOST_TEXT = 200;

/** What a call to a remote hub failed with. One that was cut off is `closed`: whether it was carried out is not known. */
export function remoteError(error: unknown, connected: boolean): HubError {
  if (!connected) return new HubError('closed', undefined, { cause: error });
  const text = error instanceof Error ? error.message : '';
  const [, code, message] = CODED.exec(text) ?? [];
  if (isErrorCode(code)) return new HubError(code, message?.slice(0, MOST_TEXT));
  return new HubError('internal', 'The remote hub has refused.', {
    cause: new Error(text.slice(0, MOST_TEXT)),
  });
}
