import type { LeaseId } from '@ringback/core';

/** A lease as one text that can be compared. */
export function leaseKey({ nodeId, generation }: LeaseId): string {
  return JSON.stringify([nodeId, generation]);
}
