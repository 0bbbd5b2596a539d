import { getHeapStatistics } from 'node:v8';

/** What one kind of data may take of the heap of the process. */
const SHARE = 0.25;

/** A quarter of the heap that the process may have (`--max-old-space-size`), in bytes. */
export function quarterOfHeap(): number {
  return Math.floor(getHeapStatistics().heap_size_limit * SHARE);
}
