import { describe, expect, it } from '@jest/globals';
import { TextPattern, type Characters } from './text-pattern.js';

/** A text that counts how often a character of it is read. */
class CountedText implements Characters {
  reads = 0;
  readonly length: number;

  constructor(private readonly text: string) {
    this.length = text.length;
  }

  charCodeAt(index: number): number {
    this.reads++;
    return this.text.charCodeAt(index);
  }
}

const pattern = (text: string) => new TextPattern(text.split('*'));

const rows: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] =
  [
    ['', [''], ['a']],
    ['*', ['', 'a', 'a*b', '\n', '🔔'], []],
    ['order', ['order'], ['orders', 'orde', 'Order', '']],
    ['order-*', ['order-', 'order-1', 'order-order-'], ['order', 'my-order-1', 'Order-1']],
    ['*-done', ['-done', 'order-done', '-done-done'], ['-done ', 'done']],
    ['a*a', ['aa', 'aba', 'aaa'], ['a', 'ab', 'ba']],
    ['ab*ba', ['abba', 'abxba'], ['aba', 'ab', 'abb']],
    ['*b*', ['b', 'abc', 'bb'], ['', 'ac']],
    ['a*b*c', ['abc', 'axbxc', 'abcbc', 'abbc'], ['acb', 'ac', 'abcx']],
    ['**a**', ['a', 'xax'], ['', 'x']],
    ['*aab*aab*', ['aabaab', 'aaabaaab'], ['aabab', 'aab']],
    ['*abcab*abd*', ['abcababd', 'xabcabcababdx'], ['abcabd', 'abdabcab']],
    ['*🔔*', ['🔔', 'x🔔y'], ['🔕', '']],
  ];

describe('TextPattern', () => {
  it.each(rows)('%j takes a star for any text, and everything else for itself', (text, matching, others) => {
    for (const one of matching) expect([one, pattern(text).matches(one)]).toEqual([one, true]);
    for (const one of others) expect([one, pattern(text).matches(one)]).toEqual([one, false]);
  });

  it('says what a plain search over all ways to match says, for every short pattern and text', () => {
    const alphabet = ['a', 'b', '*'];
    for (const text of textsOf(alphabet, 5)) {
      for (const candidate of textsOf(['a', 'b'], 5)) {
        expect([text, candidate, pattern(text).matches(candidate)]).toEqual([
          text,
          candidate,
          matchesSlowly(text, candidate),
        ]);
      }
    }
  });

  it.each([
    ['stars between equal letters', `${'*a'.repeat(127)}*b`, 'a'],
    ['long segments that nearly match', `*${'a'.repeat(120)}b*${'a'.repeat(120)}c*`, 'a'],
    ['a segment that nearly repeats', `*${'ab'.repeat(60)}c*d`, 'ab'],
    ['stars alone', '*'.repeat(256), 'a'],
  ])('reads a text in time that grows with its length alone: %s', (_what, hostile, unit) => {
    const compiled = pattern(hostile);
    const readsOf = (length: number): number => {
      const text = new CountedText(unit.repeat(length / unit.length));
      compiled.matches(text);
      return text.reads;
    };
    expect(readsOf(100_000)).toBeLessThanOrEqual(2 * readsOf(50_000) + 1_000);
    expect(readsOf(100_000)).toBeLessThanOrEqual(100_000 + 2 * hostile.length);
  });
});

function textsOf(alphabet: readonly string[], maxLength: number): readonly string[] {
  const texts = [''];
  for (let from = 0, length = 0; length < maxLength; length++) {
    const longest = texts.slice(from);
    from = texts.length;
    for (const text of longest) for (const letter of alphabet) texts.push(text + letter);
  }
  return texts;
}

function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) {
    const rest = pattern.slice(1);
    return Array.from({ length: text.length + 1 }, (_, index) => text.slice(index)).some((left) =>
      matchesSlowly(rest, left),
    );
  }
  return text[0] === pattern[0] && matchesSlowly(pattern.slice(1), text.slice(1));
}
