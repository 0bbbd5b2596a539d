import { isList, isSection, type Section, type Value } from '../document.js';
import { ActiveRename } from './active-rename.js';
import { pathTo } from './path-pattern.js';
import type { Rename } from './rename-list.js';

/** A recording with other names, and the renames that found nothing to rename. */
export interface Renamed {
  readonly section: Section;
  readonly unused: readonly Rename[];
}

/** Applies all renames at once: what one has written is no matter for another. Paths are those from before. */
export function applyRenames(before: Section, renames: readonly Rename[]): Renamed {
  const active = renames.flatMap(withTitle).map((rename) => new ActiveRename(rename));
  const section = renameSection(before, '', active);
  const isUsed = (rename: Rename): boolean =>
    active.some((one) => one.uses > 0 && one.rename.kind === rename.kind && sameRename(one.rename, rename));
  return { section, unused: renames.filter((rename) => !isUsed(rename)) };
}

/** HTTP shows a code as a title as well: `bad-request` is `Bad request`. */
function withTitle(rename: Rename): Rename[] {
  if (rename.kind !== 'error-code') return [rename];
  return [rename, { ...rename, from: titleOf(rename.from), to: titleOf(rename.to) }];
}

function titleOf(code: string): string {
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll('-', ' ');
}

function sameRename(one: Rename, other: Rename): boolean {
  return one.from === other.from && one.to === other.to && one.in === other.in;
}

function renameSection(section: Section, path: string, renames: readonly ActiveRename[]): Section {
  const renamed: Record<string, Value> = {};
  for (const [name, value] of Object.entries(section)) {
    const inner = pathTo(path, name);
    const newName = renameText(name, inner, renames);
    renamed[newName] = merge(renamed[newName], renameValue(value, inner, renames));
  }
  return renamed;
}

function renameValue(value: Value, path: string, renames: readonly ActiveRename[]): Value {
  if (typeof value === 'string') return renameText(value, path, renames);
  if (isList(value)) return value.map((text) => renameText(text, path, renames));
  return isSection(value) ? renameSection(value, path, renames) : value;
}

function renameText(text: string, path: string, renames: readonly ActiveRename[]): string {
  const here = renames.filter((rename) => text.includes(rename.rename.from) && rename.isAt(path));
  if (here.length === 0) return text;
  // Longer names first: one may begin like another.
  const sorted = here.toSorted((one, other) => other.rename.from.length - one.rename.from.length);
  const found = new RegExp(sorted.map(({ source }) => `(${source})`).join('|'), 'g');
  return text.replace(found, (...groups: unknown[]) => {
    const rename = sorted[groups.slice(1).findIndex((group) => group !== undefined)];
    if (!rename) throw new Error('a rename that no group stands for');
    rename.uses++;
    return rename.to;
  });
}

/** Two names may have become one: then what stood under each stands under it. */
function merge(one: Value | undefined, other: Value): Value {
  if (one === undefined) return other;
  if (isList(one) && isList(other)) return [...new Set([...one, ...other])];
  if (!isSection(one) || !isSection(other)) return other;
  const merged: Record<string, Value> = { ...one };
  for (const [name, value] of Object.entries(other)) merged[name] = merge(merged[name], value);
  return merged;
}
