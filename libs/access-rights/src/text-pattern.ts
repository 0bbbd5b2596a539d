/** Text, as far as a pattern reads it. */
export type Characters = Pick<string, 'length' | 'charCodeAt'>;

/**
 * A pattern as it is compiled: the literal texts around its stars. Matching reads each character of a text at most a few times, whatever the pattern is.
 */
export class TextPattern {
  private readonly first: string;
  private readonly last: string;
  private readonly middle: readonly Segment[];
  private readonly minLength: number;

  /** Of the literal texts before, between and behind the stars; a single one has no star. */
  constructor(private readonly literals: readonly string[]) {
    this.first = literals[0] ?? '';
    this.last = literals.at(-1) ?? '';
    this.middle = literals
      .slice(1, -1)
      .filter((text) => text !== '')
      .map((text) => new Segment(text));
    this.minLength = literals.reduce((sum, text) => sum + text.length, 0);
  }

  matches(text: Characters): boolean {
    const { first, last } = this;
    if (text.length < this.minLength) return false;
    if (this.literals.length === 1) return text.length === first.length && standsAt(text, first, 0);
    const end = text.length - last.length;
    if (!standsAt(text, first, 0) || !standsAt(text, last, end)) return false;
    return this.middle.length === 0 || this.hasMiddle(text, first.length, end);
  }

  /** The earliest place of a segment leaves the most room for those behind it. */
  private hasMiddle(text: Characters, start: number, end: number): boolean {
    let from = start;
    for (const segment of this.middle) {
      from = segment.endIn(text, from, end);
      if (from < 0) return false;
    }
    return true;
  }
}

/** A literal text between two stars, which is looked for as Knuth, Morris and Pratt do: no character is read again. */
class Segment {
  /** For each place: how long a beginning of the text ends there too. */
  private readonly borders: Uint16Array;

  constructor(private readonly text: string) {
    this.borders = new Uint16Array(text.length);
    for (let index = 1, matched = 0; index < text.length; index++) {
      matched = this.advance(matched, text.charCodeAt(index));
      this.borders[index] = matched;
    }
  }

  /** Where its first occurrence between the two places ends; -1 without one. */
  endIn(text: Characters, from: number, to: number): number {
    let matched = 0;
    for (let index = from; index < to; index++) {
      matched = this.advance(matched, text.charCodeAt(index));
      if (matched === this.text.length) return index + 1;
    }
    return -1;
  }

  /** How much is matched once the character is read. */
  private advance(matched: number, character: number): number {
    let length = matched;
    while (length > 0 && this.text.charCodeAt(length) !== character) length = this.borders[length - 1] ?? 0;
    return this.text.charCodeAt(length) === character ? length + 1 : 0;
  }
}

function standsAt(text: Characters, literal: string, at: number): boolean {
  for (let index = 0; index < literal.length; index++) {
    if (text.charCodeAt(at + index) !== literal.charCodeAt(index)) return false;
  }
  return true;
}
