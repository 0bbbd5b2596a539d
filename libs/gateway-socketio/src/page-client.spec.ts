import { describe, expect, it } from '@jest/globals';
import { pageClient } from './page-client.js';

describe('pageClient', () => {
  const files = pageClient('/events');

  it('has every script that its scripts import', () => {
    for (const text of files.values()) {
      for (const [, name = ''] of text.matchAll(/^import .* from '\.\/([^']+)';$/gm))
        expect([...files.keys()]).toContain(name);
    }
    expect(files.get('client.mjs')).toMatch(/^export function connect\(/m);
  });

  it('connects at the path of the gateway', () => {
    expect(files.get('settings.mjs')).toBe('export const path = "/events";\n');
  });

  it('brings the client of Socket.IO as one module, without a map that nobody serves', () => {
    const script = files.get('socket.io.mjs') ?? '';
    expect(script).toMatch(/export\{.* as io/);
    expect(script).not.toContain('sourceMappingURL');
  });
});
