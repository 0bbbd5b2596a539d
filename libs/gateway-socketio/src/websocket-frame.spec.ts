import { describe, expect, it } from '@jest/globals';
import { textFrameHeader, textFrames } from './websocket-frame.js';

const HEADERS: readonly (readonly [number, readonly number[]])[] = [
  [0, [0x81, 0]],
  [1, [0x81, 1]],
  [125, [0x81, 125]],
  [126, [0x81, 126, 0, 126]],
  [255, [0x81, 126, 0, 255]],
  [256, [0x81, 126, 1, 0]],
  [4095, [0x81, 126, 0x0f, 0xff]],
  [4096, [0x81, 126, 0x10, 0]],
  [65_535, [0x81, 126, 0xff, 0xff]],
  [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  [2 ** 32 + 5, [0x81, 127, 0, 0, 0, 1, 0, 0, 0, 5]],
];

describe('textFrameHeader', () => {
  it.each(HEADERS)('says that %d bytes of unmasked text follow', (bytes, header) => {
    expect([...Buffer.from(textFrameHeader(bytes), 'latin1')]).toEqual(header);
    expect(textFrameHeader(bytes)).toBe(textFrameHeader(bytes));
  });
});

describe('textFrames', () => {
  it('puts a header before each message and keeps their order', () => {
    const long = 'l'.repeat(126);
    expect(textFrames(['ab', '', long])).toBe(`\x81\x02ab\x81\x00\x81\x7e\x00\x7e${long}`);
  });
});
