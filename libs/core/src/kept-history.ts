import type { Envelope, EventGuid, Position } from '@ringback/contract';
import type { Relay } from './ports/relay.port.js';

/** Envelopes that are read at a time. */
const PAGE = 1_000;

/** What is kept of the event, oldest first; no further than `upTo`, if that is given. Rejects as the relay does. */
export async function readHistory(
  relay: Pick<Relay, 'history'>,
  eventguid: EventGuid,
  upTo?: Position,
): Promise<readonly Envelope[]> {
  const kept: Envelope[] = [];
  let cursor: string | undefined;
  do {
    const page = await relay.history(eventguid, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
    kept.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && !reaches(kept.at(-1), upTo));
  return upTo ? historyUpTo(kept, upTo) : kept;
}

/** Of a history, what came up to the position: nothing of an epoch that began after it. */
export function historyUpTo<Kept extends Pick<Envelope, 'position'>>(
  kept: readonly Kept[],
  { epoch, offset }: Position,
): readonly Kept[] {
  const before = kept.filter(({ position }) => position.offset <= offset);
  const last = before.findLastIndex(({ position }) => position.epoch === epoch);
  return last === -1 ? before : before.slice(0, last + 1);
}

function reaches(last: Envelope | undefined, upTo: Position | undefined): boolean {
  return last !== undefined && upTo !== undefined && last.position.offset >= upTo.offset;
}
