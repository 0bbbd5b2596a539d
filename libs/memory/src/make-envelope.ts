import type { Envelope, Labels, Position, Trigger } from '@ringback/contract';

/** The envelope of a trigger that was accepted at the position. */
export function makeEnvelope(trigger: Trigger, position: Position, time: number): Envelope {
  const { eventguid, data, removeAfterSend: oneShot } = trigger;
  // Whoever triggered may use its bytes again; an envelope never changes.
  const kept = data instanceof Uint8Array ? data.slice() : data;
  return { ...labelsOf(trigger), eventguid, position, data: kept, time, oneShot };
}

function labelsOf({ type, contentType, source, id, origin, retryMs }: Labels): Labels {
  return {
    ...(type !== undefined && { type }),
    ...(contentType !== undefined && { contentType }),
    ...(source !== undefined && { source }),
    ...(id !== undefined && { id }),
    ...(origin !== undefined && { origin }),
    ...(retryMs !== undefined && { retryMs }),
  };
}
