import { fullId, type KeptEvent, type StreamEvent } from './stream-event.js';
import type { TopicValue } from './topic-type.js';

/** Who has come, and how far it has got. */
export interface Arrival {
  readonly topic: TopicValue;
  /** Of the last event that it has had: of an initial one, else what the client brought along; `undefined` for one that begins. */
  readonly lastEventId: string | undefined;
}

/** Says what a client is sent first of what is kept of its topic. One serves all topics of its type. */
export interface EventQueue {
  /** `kept` is oldest first. The answer may have other events too. */
  find(
    kept: readonly KeptEvent[],
    arrival: Arrival,
  ): readonly StreamEvent[] | Promise<readonly StreamEvent[]>;
}

/** What came after the last event that the client has had; everything if that is not known, or kept no more. */
export const KEPT_EVENTS: EventQueue = {
  find(kept, { lastEventId }) {
    if (!lastEventId) return kept;
    const newest = kept.at(-1);
    if (newest && isNamed(newest, lastEventId)) return [];
    return kept.slice(kept.findIndex((event) => isNamed(event, lastEventId)) + 1);
  },
};

/** Ids and names may hold what stands between them: the id is never taken apart. */
function isNamed(event: KeptEvent, lastEventId: string): boolean {
  return event.id === lastEventId || fullId(event) === lastEventId;
}
