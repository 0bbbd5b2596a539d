import { randomBytes } from 'node:crypto';

/** An epoch that nobody has used: handed to every script that may have to open one. */
export function freshEpoch(): string {
  return randomBytes(8).toString('hex');
}
