import type { Limits } from '@ringback/contract';

const MIN_BYTES = 256 * 1024;

/** So many deliveries of the longest data fit. */
const DELIVERIES = 4;

/** How many bytes may wait for a client of long polling, which may never come to take them. */
export function maxPollBufferBytes({ pollBufferBytes, dataBytes }: Limits): number {
  return pollBufferBytes ?? Math.max(MIN_BYTES, DELIVERIES * dataBytes);
}
