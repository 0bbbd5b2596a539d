import { HubError } from '@ringback/contract';

const LARGEST = 2n ** 64n - 1n;

/** A cursor of HSCAN or ZSCAN; absent is the start. Throws `bad-request` for what Redis cannot have given out. */
export function parseScanCursor(cursor: string | undefined): string {
  if (cursor === undefined) return '0';
  if (!/^[1-9][0-9]{0,19}$/.test(cursor) || BigInt(cursor) > LARGEST) {
    throw new HubError('bad-request', 'Unknown cursor.');
  }
  return cursor;
}
