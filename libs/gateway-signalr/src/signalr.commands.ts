import { HubError, parseTrigger, type Command } from '@ringback/contract';
import { parseMDrivenSubscribe } from '@ringback/gateway-kit';

/** Of the extended hub: `options` are an object, or null. */
export function parseExtendedSubscribe(eventguid: unknown, cookie: unknown, options: unknown): Command {
  return parseMDrivenSubscribe([eventguid, cookie, options]);
}

/** The same; or `removeAfterSend` for the options. SignalR has no other word for what is absent than null. */
export function parseExtendedTrigger(eventguid: unknown, data: unknown, options: unknown): Command {
  return parseTrigger([eventguid, data ?? undefined, options]);
}

/** Of the event hub, where no cookie unsubscribes as well. */
export function parseEventHubSubscribe(eventguid: unknown, cookie: unknown): Command {
  return parseMDrivenSubscribe([eventguid, cookie ?? '']);
}

/** Of the event hub. */
export function parseEventHubTrigger(eventguid: unknown, data: unknown, removeAfterSend: unknown): Command {
  if (typeof removeAfterSend !== 'boolean') {
    throw new HubError('bad-request', 'removeAfterSend is neither true nor false.');
  }
  return parseTrigger([eventguid, data ?? undefined, removeAfterSend]);
}
