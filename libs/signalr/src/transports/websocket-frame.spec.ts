import { describe, expect, it } from '@jest/globals';
import { frameHeader, frameOf } from './websocket-frame.js';

const LENGTHS: readonly (readonly [number, readonly number[]])[] = [
  [0, [0]],
  [1, [1]],
  [125, [125]],
  [126, [126, 0, 126]],
  [255, [126, 0, 255]],
  [256, [126, 1, 0]],
  [4095, [126, 0x0f, 0xff]],
  [4096, [126, 0x10, 0]],
  [65_535, [126, 0xff, 0xff]],
  [65_536, [127, 0, 0, 0, 0, 0, 1, 0, 0]],
  [2 ** 32 + 5, [127, 0, 0, 0, 1, 0, 0, 0, 5]],
];

describe.each([
  ['Text', 0x81],
  ['Binary', 0x82],
] as const)('a frame of %s', (format, first) => {
  it.each(LENGTHS)('says that %d unmasked bytes follow', (bytes, length) => {
    expect([...Buffer.from(frameHeader(format, bytes), 'latin1')]).toEqual([first, ...length]);
    expect(frameHeader(format, bytes)).toBe(frameHeader(format, bytes));
  });

  it('holds all messages, in their order', () => {
    const long = '\xff'.repeat(126);
    expect(frameOf(format, ['ab', '', 'c'])).toBe(`${String.fromCharCode(first)}\x03abc`);
    expect(frameOf(format, [long])).toBe(`${String.fromCharCode(first)}\x7e\x00\x7e${long}`);
  });
});
