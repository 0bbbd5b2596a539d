import { PathPattern } from './path-pattern.js';
import { RENAME_KINDS } from './rename-kinds.js';
import type { Rename } from './rename-list.js';

/** What has to stand around a name, as the source of regular expressions. */
const WORD = { before: '(?<![\\w-])', after: '(?![\\w-])' };
/** The quotes of a JSON string, which may be inside of another one; a colon would make it a key. */
const VALUE = { before: '(?<=^|\\\\*")', after: '(?=$|\\\\*"(?!:))' };

/** A rename that counts where it is used. */
export class ActiveRename {
  uses = 0;
  readonly to: string;
  private readonly from: string;
  private readonly places: readonly PathPattern[];
  private readonly narrowed: PathPattern | undefined;

  constructor(readonly rename: Rename) {
    const { in: places } = RENAME_KINDS[rename.kind];
    this.from = rename.from;
    this.to = rename.to;
    this.places = places.map((place) => new PathPattern(place));
    this.narrowed = rename.in === undefined ? undefined : new PathPattern(rename.in);
  }

  isAt(path: string): boolean {
    const isNarrow = this.narrowed?.matches(path) ?? true;
    return isNarrow && this.places.some((place) => place.matches(path));
  }

  /** The source of a regular expression that finds the name. */
  get source(): string {
    const { before, after } = RENAME_KINDS[this.rename.kind].as === 'word' ? WORD : VALUE;
    return before + this.from.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&') + after;
  }
}
