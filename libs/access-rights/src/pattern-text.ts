import { InvalidRightsError } from './invalid-rights.error.js';
import { TextPattern } from './text-pattern.js';

/** What a token says of its holder, by name. */
export type Claims = Readonly<Record<string, unknown>>;

/** What stands in a pattern: a literal text, any text, or the text of a claim. */
type Part = { readonly text: string } | { readonly claim: string } | 'any';

const ESCAPABLE = '*\\{}';

/**
 * Compiles a pattern: `*` is any text, `\*` `\\` `\{` `\}` are the character behind the backslash, `{claim}` is the text of that claim, letter for letter.
 * `undefined` for one that matches nothing: its claim is absent or not text. Throws `InvalidRightsError`.
 */
export function compilePattern(pattern: string, claims: Claims, place: string): TextPattern | undefined {
  const literals = [''];
  for (const part of partsOf(pattern, place)) {
    if (part === 'any') literals.push('');
    else {
      const text = 'text' in part ? part.text : claimText(claims, part.claim);
      if (text === undefined) return undefined;
      literals.push((literals.pop() ?? '') + text);
    }
  }
  return new TextPattern(literals);
}

function* partsOf(pattern: string, place: string): Generator<Part> {
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? '';
    if (character === '*') yield 'any';
    else if (character === '\\') yield { text: escaped(pattern[++index], place) };
    else if (character === '{') {
      const claim = claimName(pattern, index + 1, place);
      yield { claim };
      index += claim.length + 1;
    } else yield { text: character };
  }
}

function escaped(character: string | undefined, place: string): string {
  if (character === undefined || !ESCAPABLE.includes(character))
    throw new InvalidRightsError(place, 'has a backslash before something else than * \\ { }');
  return character;
}

function claimName(pattern: string, from: number, place: string): string {
  const end = pattern.indexOf('}', from);
  if (end <= from) throw new InvalidRightsError(place, 'has a { that begins no name of a claim; write \\{');
  return pattern.slice(from, end);
}

/** Only what the token says itself: no name leads to a prototype. */
function claimText(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
