import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isSetting, read, root } from './files.js';

/** The lines of a Dockerfile that say the same thing, whole. */
function instructions(name: string): readonly string[] {
  const lines = read('Dockerfile')
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  return lines
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1).trim());
}

describe('the image', () => {
  const copies = instructions('COPY').map((line) => line.split(/\s+/));

  it('is made of what there is', () => {
    const sources = copies
      .filter(([first]) => !first?.startsWith('--'))
      .flatMap((words) => words.slice(0, -1));
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });

  it('is let see all of it', () => {
    const seen = new Set(
      read('.dockerignore')
        .match(/^!\S+/gm)
        ?.map((line) => line.slice(1)),
    );
    const sources = copies
      .filter(([first]) => !first?.startsWith('--'))
      .flatMap((words) => words.slice(0, -1));
    expect(sources.filter((source) => !seen.has(source))).toEqual([]);
  });

  it('copies from stages that it has', () => {
    const stages = instructions('FROM').flatMap((line) => / AS (\S+)$/.exec(line)?.[1] ?? []);
    const from = copies.flatMap(([first]) => /^--from=(\S+)$/.exec(first ?? '')?.[1] ?? []);
    expect(from.toSorted()).toEqual(stages.toSorted());
  });

  it('runs as nobody in particular, on the Node that the project is developed with', () => {
    expect(instructions('USER')).toEqual(['10001:10001']);
    expect(instructions('FROM').every((line) => line.startsWith(`node:${read('.nvmrc').trim()}-`))).toBe(
      true,
    );
  });

  it('starts and checks programs that are in it, with settings that they know', () => {
    const programs = [...instructions('ENTRYPOINT'), ...instructions('HEALTHCHECK')].flatMap((line) =>
      [...line.matchAll(/"(bin\/[^"]+)"/g)].map(([, path = '']) => path),
    );
    expect(programs).toEqual(['bin/ringback.mjs', 'bin/healthcheck.mjs']);
    expect(programs.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const names = instructions('ENV').flatMap((line) =>
      [...line.matchAll(/(\w+)=/g)].map(([, name = '']) => name),
    );
    expect(names.filter((name) => !isSetting(name))).toEqual([]);
  });
});
