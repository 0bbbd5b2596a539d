import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const SOURCE_MAP = /\n\/\/# sourceMappingURL=.*\s*$/;

/** The scripts with which a page connects: `client.mjs`, and what it imports. */
export function pageClient(path: string): ReadonlyMap<string, string> {
  return new Map([
    ['client.mjs', readFileSync(join(import.meta.dirname, 'page', 'client.mjs'), 'utf8')],
    ['settings.mjs', `export const path = ${JSON.stringify(path)};\n`],
    ['socket.io.mjs', socketIoClient()],
  ]);
}

/** The client of the version that the server speaks, from its package. */
function socketIoClient(): string {
  const main = createRequire(import.meta.url).resolve('socket.io-client/dist/socket.io.js');
  return readFileSync(join(dirname(main), 'socket.io.esm.min.js'), 'utf8').replace(SOURCE_MAP, '\n');
}
