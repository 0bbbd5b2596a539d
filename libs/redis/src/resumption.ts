import { parsePosition, type EventGuid } from '@ringback/contract';
import type { ResumedSubscription, Resumption } from '@ringback/core';
import { decodeName } from './redis-keys.js';
import { decodeEntry } from './relay-codec.js';
import type { ScriptReply } from './scripts.js';

/** What the script tells of an event that a named subscriber has come back to. A subscription whose cut cannot be read is left out, and reported. */
export function parseResumption(
  eventguid: EventGuid,
  reply: ScriptReply,
  onUnreadable: (cause: string) => void,
): Resumption {
  const [epoch, offset, keptAfter, ...subscriptions] = reply as readonly [
    Buffer,
    Buffer,
    Buffer,
    ...(readonly Buffer[])[],
  ];
  return {
    position: { epoch: String(epoch), offset: Number(String(offset)) },
    keptAfter: Number(String(keptAfter)),
    subscriptions: subscriptions.flatMap((parts) => {
      const entry = parts[6];
      const isReadable =
        !(entry instanceof Buffer) || entry.length === 0 || decodeEntry(eventguid, entry) !== undefined;
      if (isReadable) return parseResumed(eventguid, parts);
      // Without its envelope it would look as if it still stood.
      onUnreadable('not the envelope of a one-shot');
      return [];
    }),
  };
}

function parseResumed(eventguid: EventGuid, parts: readonly (Buffer | number)[]): ResumedSubscription {
  const [id, cookie, since, madeAt, from, recovered, entry] = parts;
  return {
    subscriptionId: decodeName(String(id)),
    cookie: String(cookie),
    since: parsePosition(String(since)),
    madeAt: Number(String(madeAt)),
    from: Number(String(from)),
    recovered: recovered === 1,
    ...parseCut(eventguid, entry),
  };
}

function parseCut(
  eventguid: EventGuid,
  entry: Buffer | number | undefined,
): Pick<ResumedSubscription, 'cut'> {
  if (!(entry instanceof Buffer) || entry.length === 0) return {};
  const cut = decodeEntry(eventguid, entry);
  return cut ? { cut } : {};
}
