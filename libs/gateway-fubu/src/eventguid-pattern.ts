import { StartupError } from '@ringback/settings';
import type { Parameter } from './parameter.js';

/** One character, or any number of those that a parameter may hold; the latter as `undefined` for anything at all. */
type Token = { readonly character: string } | { readonly parameter: Parameter | undefined };

const PLACEHOLDER = /\{([^{}]*)\}/;

/** All eventguids that the topics of one type may have. */
export class EventGuidPattern {
  private constructor(private readonly tokens: readonly Token[]) {}

  /** With the parameters in braces; `*` stands for anything. Throws `StartupError` for a name that is none of them. */
  static of(template: string, parameters: readonly Parameter[]): EventGuidPattern {
    const parts = template.split(PLACEHOLDER);
    const tokens = parts.flatMap((part, index) =>
      index % 2 === 0 ? literal(part) : [{ parameter: parameterOf(part, parameters) }],
    );
    return new EventGuidPattern(tokens);
  }

  /** That many of all forms which have the beginning. */
  static beginningWith(text: string): EventGuidPattern {
    return new EventGuidPattern([...literal(text), { parameter: undefined }]);
  }

  /** Whether some eventguid is of both. */
  meets(other: EventGuidPattern): boolean {
    return meet(this.tokens, other.tokens, 0, 0, new Set());
  }
}

/** The value of each parameter in its place. */
export function fillTemplate(template: string, textOf: (name: string) => string): string {
  return template
    .split(PLACEHOLDER)
    .map((part, index) => (index % 2 === 0 ? part : textOf(part)))
    .join('');
}

/** The pattern in which history limits are set. */
export function wildcardPattern(template: string): string {
  return fillTemplate(template, () => '*');
}

function literal(text: string): readonly Token[] {
  return Array.from(text, (character) => ({ character }));
}

function parameterOf(name: string, parameters: readonly Parameter[]): Parameter {
  const found = parameters.find(({ key }) => key === name.toLowerCase());
  if (!found) throw new StartupError(`Its eventguid names {${name}}, which is none of its parameters.`);
  return found;
}

/** Whether what is left of both can be one text. `tried` holds the pairs of places that were looked at. */
function meet(
  one: readonly Token[],
  other: readonly Token[],
  at: number,
  otherAt: number,
  tried: Set<number>,
): boolean {
  const pair = at * (other.length + 1) + otherAt;
  if (tried.has(pair)) return false;
  tried.add(pair);
  const [mine, theirs] = [one[at], other[otherAt]];
  if (!mine && !theirs) return true;
  const goOn = (mineBy: number, theirsBy: number): boolean =>
    meet(one, other, at + mineBy, otherAt + theirsBy, tried);
  if (isOpen(mine) && goOn(1, 0)) return true;
  if (isOpen(theirs) && goOn(0, 1)) return true;
  if (!mine || !theirs) return false;
  if (isOpen(mine)) return !isOpen(theirs) && mayHold(mine.parameter, theirs.character) && goOn(0, 1);
  if (isOpen(theirs)) return mayHold(theirs.parameter, mine.character) && goOn(1, 0);
  return mine.character === theirs.character && goOn(1, 1);
}

function isOpen(token: Token | undefined): token is Token & { readonly parameter: Parameter | undefined } {
  return token !== undefined && 'parameter' in token;
}

function mayHold(parameter: Parameter | undefined, character: string): boolean {
  return !parameter || parameter.mayHold(character);
}
