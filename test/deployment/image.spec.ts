import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instructions, isSetting, read, root } from './files.js';

/** What a line copies, and from which stage; from the build context where it names none. */
function copyOf(line: string): { readonly from: string | undefined; readonly sources: readonly string[] } {
  const words = line.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  return { from, sources: words.filter((word) => !word.startsWith('--')).slice(0, -1) };
}

describe('the image', () => {
  const copies = instructions('COPY').map((line) => copyOf(line));
  const sources = copies.filter(({ from }) => from === undefined).flatMap((copy) => copy.sources);

  it('is made of what there is', () => {
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });

  it('is let see all of it', () => {
    const seen = new Set(
      read('.dockerignore')
        .match(/^!\S+/gm)
        ?.map((line) => line.slice(1)),
    );
    expect(sources.filter((source) => !seen.has(source))).toEqual([]);
  });

  it('copies from stages that it has', () => {
    const stages = instructions('FROM').flatMap((line) => / AS (\S+)$/.exec(line)?.[1] ?? []);
    const from = copies.flatMap((copy) => copy.from ?? []);
    expect(from.toSorted()).toEqual(stages.toSorted());
  });

  it('has the code and the licences of packages, not their types, maps and documents', async () => {
    const [removal = 'none'] = instructions('RUN').flatMap((line) => /find node_modules .*/.exec(line) ?? []);
    const kept = ['LICENSE.md', 'index.js', 'licence.md', 'NOTICE.md'];
    const folder = await mkdtemp(join(tmpdir(), 'ringback-image-'));
    try {
      await mkdir(join(folder, 'node_modules/a'), { recursive: true });
      for (const name of [...kept, 'README.md', 'index.d.ts', 'index.d.mts', 'index.js.map'])
        await writeFile(join(folder, 'node_modules/a', name), '');
      execFileSync('sh', ['-c', removal], { cwd: folder });
      expect((await readdir(join(folder, 'node_modules/a'))).toSorted()).toEqual(kept.toSorted());
    } finally {
      await rm(folder, { recursive: true });
    }
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
