/**
 * A pattern of paths into a recording. A path is the keys on the way with dots between them, and behind them, for a text in a list, the text itself.
 * `*` stands for anything but a dot, `**` for anything.
 */
export class PathPattern {
  private readonly expression: RegExp;

  constructor(pattern: string) {
    const parts = pattern.split(/(\*\*|\*)/).map((part) => WILD[part] ?? escape(part));
    this.expression = new RegExp(`^${parts.join('')}$`, 's');
  }

  matches(path: string): boolean {
    return this.expression.test(path);
  }
}

const WILD: Readonly<Record<string, string>> = { '*': '[^.]*', '**': '.*' };

function escape(text: string): string {
  return text.replace(/[\\^$.+?()[\]{}|/-]/g, '\\$&');
}

/** The path of something inside of what has a path. */
export function pathTo(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}
