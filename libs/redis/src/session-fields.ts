import {
  formatPosition,
  parseEventGuid,
  parsePosition,
  type EventGuid,
  type Position,
} from '@ringback/contract';
import type { SessionClaim, SessionEvent, SessionHolder, SessionSummary, TakenSession } from '@ringback/core';
import { decodeName, encodeName, leaseName, parseLeaseName } from './redis-keys.js';
import type { ScriptReply } from './scripts.js';

/** Fields of the hash of a session; the others stand in shared-session.lua. */
export const EVENT = 'e:';
export const ACKNOWLEDGED = 'a:';

export function formatHolder({ lease, connectionId }: SessionClaim): string {
  return `${leaseName(lease)}\t${encodeName(connectionId)}`;
}

/** The name of the lease under which the holder holds it. */
export function leaseOfHolder(holder: string): string {
  return holder.slice(0, holder.indexOf('\t'));
}

/** Written by a node of this cluster, and by nobody else. */
function parseHolder(text: string): SessionHolder {
  const connectionId = decodeName(text.slice(text.indexOf('\t') + 1));
  return { nodeId: parseLeaseName(leaseOfHolder(text)).nodeId, connectionId };
}

/** What all events of a session keep. */
export interface Weighed {
  readonly bytes: number;
  /** Grows with each change. */
  readonly version: string;
  /** What one event kept before it was changed; absent where that was not noted, or was not asked. */
  readonly before?: number;
}

/** Bytes, their version and what one event kept before, as scripts tell them. */
export function parseWeighed(reply: ScriptReply): Weighed {
  const [bytes, version = '', before = ''] = (reply as readonly Buffer[]).map(String);
  return { bytes: Number(bytes), version, ...(before !== '' && { before: Number(before) }) };
}

/** Called for a field that says nothing. */
export type OnUnreadable = (cause: string) => void;

/** `acknowledged` is `''` where nothing was. One that says no event is left out, a position that says none counts as nothing. */
function parseSessionEvent(
  eventguid: string,
  acknowledged: string,
  onUnreadable: OnUnreadable,
): readonly SessionEvent[] {
  const event = orUnreadable(() => parseEventGuid(eventguid), onUnreadable);
  if (event === undefined) return [];
  const position =
    acknowledged === '' ? undefined : orUnreadable(() => parsePosition(acknowledged), onUnreadable);
  return [{ eventguid: event, ...(position && { acknowledged: position }) }];
}

function orUnreadable<Value>(parse: () => Value, onUnreadable: OnUnreadable): Value | undefined {
  try {
    return parse();
  } catch (error) {
    onUnreadable((error as Error).message);
    return undefined;
  }
}

/** The session that the fields say; `undefined` if nobody has taken it, or it is just being ended. */
export function parseSession(
  subscriber: string,
  fields: Readonly<Record<string, string>>,
  onUnreadable: OnUnreadable,
): SessionSummary | undefined {
  const { h: holder, s: lastSeen, x: expires, d: ending } = fields;
  if (lastSeen === undefined || ending !== undefined) return undefined;
  const events = Object.keys(fields).filter((field) => field.startsWith(EVENT));
  return {
    subscriber,
    ...(holder === undefined ? {} : { holder: parseHolder(holder) }),
    lastSeenAt: Number(lastSeen),
    ...(expires === undefined ? {} : { expiresAt: Number(expires) }),
    events: events.flatMap((field) => {
      const eventguid = field.slice(EVENT.length);
      return parseSessionEvent(eventguid, fields[ACKNOWLEDGED + eventguid] ?? '', onUnreadable);
    }),
  };
}

/** A session as the script tells that has taken it. */
export function parseTaken(
  reply: readonly string[],
  onUnreadable: OnUnreadable,
): TakenSession & { readonly expiresAt: string; readonly weighed: Weighed } {
  const [generation, replaced = '', expiresAt = '', bytes, version = '', ...flat] = reply;
  const events: SessionEvent[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    events.push(...parseSessionEvent(flat[at] ?? '', flat[at + 1] ?? '', onUnreadable));
  }
  return {
    generation: Number(generation),
    ...(replaced === '' ? {} : { replaced: parseHolder(replaced) }),
    events,
    expiresAt,
    weighed: { bytes: Number(bytes), version },
  };
}

/** Eventguid, position, eventguid … */
export function formatPositions(positions: ReadonlyMap<EventGuid, Position>): readonly string[] {
  return [...positions].flatMap(([eventguid, position]) => [eventguid, formatPosition(position)]);
}
