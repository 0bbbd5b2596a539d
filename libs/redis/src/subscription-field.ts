import { parsePosition, type EventGuid } from '@ringback/contract';
import type { NewSubscription, PutResult, StoredSubscription } from '@ringback/core';
import { decodeName, encodeName } from './redis-keys.js';
import type { ScriptReply } from './scripts.js';

/** The same as in shared-subscription.lua. */
const FIELD = /^1\t([0-9A-Za-z]{1,32}:\d{1,16})\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(\d+)\t([^\t]*)\t(.*)$/s;

/** The option of a subscription that takes part in presence; there are no others yet. */
const PRESENCE = 'p';

/** The subscription that a value of `rb:{e}:subs` or `rb:{e}:named` says, or `undefined` if it says none. Written by the scripts alone. */
export function parseSubscription(
  eventguid: EventGuid,
  field: string,
  value: string,
): StoredSubscription | undefined {
  const match = FIELD.exec(value);
  if (!match) return undefined;
  const [, since, nodeId = '', generation = '', subscriptionId = '', madeAt, options, cookie = ''] = match;
  if (!Number.isSafeInteger(offsetOf(since))) return undefined;
  return {
    eventguid,
    subscriber: decodeName(field),
    subscriptionId: decodeName(subscriptionId),
    cookie,
    since: parsePosition(since),
    lease: { nodeId: decodeName(nodeId), generation: decodeName(generation) },
    madeAt: Number(madeAt),
    ...(options === PRESENCE ? { presence: true } : {}),
  };
}

function offsetOf(since = ''): number {
  return Number(since.slice(since.indexOf(':') + 1));
}

/** What `subscribe` and `restore` are told alike. */
export function describeToScript(subscription: NewSubscription): readonly string[] {
  const { subscriber, subscriptionId, cookie, lease, presence } = subscription;
  return [
    encodeName(subscriber),
    encodeName(lease.nodeId),
    encodeName(lease.generation),
    encodeName(subscriptionId),
    cookie,
    presence ? PRESENCE : '',
  ];
}

/** What `subscribe` answers. */
export function parsePutResult(reply: ScriptReply): PutResult {
  const [id, since, epoch, offset, recovered, ended] = reply as readonly (Buffer | number)[];
  return {
    subscriptionId: decodeName(String(id)),
    since: parsePosition(String(since)),
    position: { epoch: String(epoch), offset: Number(String(offset)) },
    ...(recovered === -1 ? {} : { recovered: recovered === 1 }),
    ...(ended === 1 ? { ended: true } : {}),
  };
}
