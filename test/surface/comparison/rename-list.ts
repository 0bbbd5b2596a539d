import { RENAME_KINDS, type RenameKind } from './rename-kinds.js';

/** One name that has become another. */
export interface Rename {
  readonly kind: RenameKind;
  readonly from: string;
  readonly to: string;
  /** Where, if not everywhere that the kind is at home: a pattern of paths of `before.json`. */
  readonly in?: string;
  readonly why?: string;
}

/** Something that there was not before, or is no more. */
export interface Exception {
  /** A pattern of paths: of `recorded.json` for what was added, of `before.json` for what was removed. */
  readonly path: string;
  readonly why: string;
}

/** All that may differ between the recording of before and that of this build. */
export interface RenameList {
  readonly renames: readonly Rename[];
  readonly added: readonly Exception[];
  readonly removed: readonly Exception[];
}

/** Reads the list from the JSON of `renames.json`. Throws if something in it means nothing. */
export function readRenameList(json: string): RenameList {
  const list = JSON.parse(json) as RenameList;
  for (const rename of list.renames) {
    if (!(rename.kind in RENAME_KINDS)) throw new Error(`no kind of rename: ${JSON.stringify(rename)}`);
  }
  for (const exception of [...list.added, ...list.removed]) {
    if (!exception.why) throw new Error(`without a reason: ${JSON.stringify(exception)}`);
  }
  return list;
}
