import { describe, expect, it } from '@jest/globals';
import { maxOpenFiles } from './open-files.js';

const limits = (soft: string): string =>
  [
    'Limit                     Soft Limit           Hard Limit           Units',
    'Max processes             94123                94123                processes',
    `Max open files            ${soft.padEnd(21)}1048576              files`,
  ].join('\n');

describe('maxOpenFiles', () => {
  it('is the soft limit of the process', () => {
    expect(maxOpenFiles(() => limits('20000'))).toBe(20_000);
  });

  it('is not known where there is no limit, or none to be read', () => {
    expect(maxOpenFiles(() => limits('unlimited'))).toBeUndefined();
    expect(maxOpenFiles(() => '')).toBeUndefined();
  });

  it('is read from the system', () => {
    expect(maxOpenFiles() ?? Infinity).toBeGreaterThan(100);
  });
});
