import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PROTOCOLS } from '../apps/hub/src/protocols.js';

const root = join(import.meta.dirname, '..');

/** Where no protocol may be named: a name there is a special case that the next protocol would need too. */
const FOLDERS = [
  'apps/hub/src',
  'libs/core',
  'libs/contract',
  'libs/platform',
  'libs/gateway-kit',
  'libs/http-kit',
  'libs/nest',
];

/** The lists, which name them all; specs speak to the hub as clients do. */
const EXEMPT =
  /(^apps\/hub\/src\/(protocols|bridges)\.ts|\/src\/testing\/.*|\.(spec|int-spec|e2e-spec|matrix-spec)\.ts)$/;

const TEXT = /\.(ts|mjs|html|css|lua)$/;

/** `http` is left out: it is the transport of them all. */
const names = PROTOCOLS.map(({ name }) => name).filter((name) => name !== 'http');

/** So short a name stands inside of plain words too: it counts only as a word, or as one of those that a name in code is made of. */
const SHORT = 4;

/** Of `socketio` also `Socket.IO`, `socket_io` and `socket-io`; words of plain English that begin alike are none. */
function spellingsOf(name: string): RegExp {
  if (name.length > SHORT) return new RegExp(name.split('').join('[._-]?'), 'i');
  const [first = '', ...rest] = name;
  const capital = first.toUpperCase() + rest.join('');
  return new RegExp(`(?<![A-Za-z])(?:${name}|${name.toUpperCase()})(?![a-z])|${capital}(?![a-z])`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !EXEMPT.test(path));
}

describe('a protocol is one folder and one line', () => {
  it('has names to look for', () => {
    expect(names).toEqual(expect.arrayContaining(['socketio', 'signalr']));
    expect(spellingsOf('socketio').test('speaks Socket.IO')).toBe(true);
    expect(spellingsOf('signalr').test('signal received')).toBe(false);
    for (const text of ['an sse stream', 'sseGateway', 'SSE_PATH', 'isSse', 'RINGBACK_SSE'])
      expect([text, spellingsOf('sse').test(text)]).toEqual([text, true]);
    for (const text of ['assert', 'PROCESSED', 'passes', 'Ssense'])
      expect([text, spellingsOf('sse').test(text)]).toEqual([text, false]);
  });

  it.each(FOLDERS)('is not named in %s', (folder) => {
    const named = filesBelow(folder).flatMap((path) => {
      const lines = readFileSync(join(root, path), 'utf8').split('\n');
      return lines.flatMap((line, at) =>
        names.some((name) => spellingsOf(name).test(line)) ? [`${path}:${at + 1}: ${line.trim()}`] : [],
      );
    });
    expect(named).toEqual([]);
  });
});
