import { describe, expect, it } from '@jest/globals';
import { changeText, journalPrefix, parseJournalId, STREAM_NAME_BYTES, type Change } from './journal-id.js';

const stream = Buffer.alloc(STREAM_NAME_BYTES, 0xff).toString('base64url');

describe('the id of a stream with a journal', () => {
  it.each<[string, readonly Change[]]>([
    ['', []],
    ['.0', [{ index: 0, step: 1, over: false }]],
    [
      '.1a-zz_rs_0-0',
      [
        { index: 46, step: 1295, over: false },
        { index: 1000, step: 1, over: true },
        { index: 0, step: 0, over: true },
      ],
    ],
  ])('says the record and what has changed since: %j', (tail, changes) => {
    const text = journalPrefix(stream, 37) + tail;
    expect(text).toBe(`3.${stream}.11${tail}`);
    expect(changes.map(changeText).join('')).toBe(tail);
    expect(parseJournalId(text)).toEqual({ stream, record: 37, changes });
  });

  it('needs no permission of browsers', () => {
    const changes = Array.from({ length: 25 }, (_, index) =>
      changeText({ index, step: 1, over: index % 2 > 0 }),
    );
    expect(journalPrefix(stream, 36 ** 5) + changes.join('')).toMatch(/^[0-9A-Za-z._-]{1,128}$/);
  });

  it.each([
    '',
    '3',
    `3.${stream}`,
    `3.${stream}.`,
    `3.${stream}.A`,
    `3.${stream}.1.`,
    `3.${stream}.1.2-`,
    `3.${stream}.1 .2`,
    `3.${stream.slice(1)}.1`,
    `2.${stream}.1`,
    `3.${stream}.123456789`,
    `3.${stream}.1${'.1'.repeat(60)}`,
    `3.../../../../etc/p.1`,
  ])('is not what else comes: %s', (text) => {
    expect(parseJournalId(text)).toBeUndefined();
  });
});
