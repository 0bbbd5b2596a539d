import { parsePosition, type EventGuid } from '@ringback/contract';
import type { StoredSubscription } from '@ringback/core';
import { decodeName } from './redis-keys.js';

const FIELD = /^1\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$/s;

/** The subscription that a value of `rb:{e}:subs` says, or `undefined` if it is of another version. Written by the scripts alone. */
export function parseSubscription(
  eventguid: EventGuid,
  field: string,
  value: string,
): StoredSubscription | undefined {
  const match = FIELD.exec(value);
  if (!match) return undefined;
  const [, since, nodeId = '', generation = '', subscriptionId = '', madeAt, cookie = ''] = match;
  return {
    eventguid,
    subscriber: decodeName(field),
    subscriptionId: decodeName(subscriptionId),
    cookie,
    since: parsePosition(since),
    lease: { nodeId: decodeName(nodeId), generation: decodeName(generation) },
    madeAt: Number(madeAt),
  };
}
