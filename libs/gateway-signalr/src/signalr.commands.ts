import { HubError, parseTrigger, type Command } from '@ringback/contract';
import { parseMDrivenSubscribe } from '@ringback/gateway-kit';

type Arguments = readonly unknown[];

/** `(eventguid, data, options)`, or `removeAfterSend` for the options. SignalR has no other word for what is absent than null. */
export function parseExtendedTrigger([guid, data, options]: Arguments): Command {
  return parseTrigger([guid, data ?? undefined, options]);
}

/** `(eventguid, cookie)`, where no cookie unsubscribes as well. */
export function parseEventHubSubscribe([guid, cookie]: Arguments): Command {
  return parseMDrivenSubscribe([guid, cookie ?? '']);
}

/** `(eventguid, data, removeAfterSend)` */
export function parseEventHubTrigger([guid, data, removeAfterSend]: Arguments): Command {
  if (typeof removeAfterSend !== 'boolean') {
    throw new HubError('bad-request', 'removeAfterSend is neither true nor false.');
  }
  return parseTrigger([guid, data ?? undefined, removeAfterSend]);
}
