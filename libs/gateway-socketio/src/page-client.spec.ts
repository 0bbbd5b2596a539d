import { describe, expect, it } from '@jest/globals';
import { createContext, SourceTextModule, SyntheticModule } from 'node:vm';
import { pageClient } from './page-client.js';

/** The path at which the script connects that a browser has loaded from this URL. */
async function connectedAt(url: string, files: ReadonlyMap<string, string>): Promise<unknown> {
  const context = createContext({ URL });
  let path: unknown;
  const io = (options: { readonly path: string }) => {
    ({ path } = options);
    return { on: () => undefined };
  };
  const script = new SourceTextModule(files.get('client.mjs') ?? '', {
    context,
    initializeImportMeta: (meta) => (meta.url = url),
  });
  await script.link((name) =>
    name === './socket.io.mjs'
      ? new SyntheticModule(
          ['io'],
          function () {
            this.setExport('io', io);
          },
          { context },
        )
      : new SourceTextModule(files.get(name.slice(2)) ?? '', { context }),
  );
  await script.evaluate();
  (script.namespace as { connect(options: object): unknown }).connect({});
  return path;
}

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

  it.each([
    ['https://a.example/page/client.mjs', '/events'],
    ['https://a.example/apps/ring/page/client.mjs', '/apps/ring/events'],
  ])('connects from %s at %s', async (url, path) => {
    expect(await connectedAt(url, files)).toBe(path);
  });

  it('brings the client of Socket.IO as one module, without a map that nobody serves', () => {
    const script = files.get('socket.io.mjs') ?? '';
    expect(script).toMatch(/export\{.* as io/);
    expect(script).not.toContain('sourceMappingURL');
  });
});
