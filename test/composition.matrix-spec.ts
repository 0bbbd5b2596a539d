import { expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSboms } from '../scripts/release/sbom.mjs';
import { describeComposition } from './scenarios/composition.js';
import { CompositionOfContainers } from './support/composition-of-containers.js';
import { CompositionOfProcesses } from './support/composition-of-processes.js';
import { ContainerEngine } from './support/container-engine.js';

/** The first build fetches all packages. */
const BUILD_WITHIN_MS = 900_000;

/** Prints name and version of each package below the working directory. */
const LIST_PACKAGES = `
  const fs = require('fs');
  for (const path of fs.readdirSync('node_modules', { recursive: true }))
    if (/(^|node_modules[/])(@[^/]+[/])?[^/@]+[/]package[.]json$/.test(path)) {
      const { name, version } = JSON.parse(fs.readFileSync('node_modules/' + path, 'utf8'));
      if (version) console.log('pkg:npm/' + name.replace('@', '%40') + '@' + version);
    }`;

const engine = ContainerEngine.find();

if (engine) {
  const start = async (): Promise<CompositionOfContainers> => CompositionOfContainers.start(engine);
  describeComposition('in containers', start, BUILD_WITHIN_MS, describeContainer);
} else {
  console.info('No container engine with Compose runs: what the composition is made of is run as processes.');
  describeComposition('as processes of this machine', async () => CompositionOfProcesses.start(), 90_000);
}

function describeContainer(composition: () => CompositionOfContainers): void {
  it('runs hubs without rights, on a root that they cannot write', async () => {
    const hub = composition();
    expect((await hub.execute('hub-1', 'id', '-u')).trim()).toBe('10001');
    const status = await hub.execute('hub-1', 'cat', '/proc/1/status');
    expect(status).toMatch(/^CapBnd:\s0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s1$/m);
    await expect(hub.execute('hub-1', 'touch', '/app/written')).rejects.toThrow('Read-only file system');
  });

  it('has in its image the packages that the bill of materials lists, and no others', async () => {
    const installed = await composition().execute('hub-1', 'node', '-e', LIST_PACKAGES);
    const folder = await mkdtemp(join(tmpdir(), 'ringback-sboms-'));
    try {
      const [cyclonedx = ''] = writeSboms(folder);
      const { components } = JSON.parse(await readFile(cyclonedx, 'utf8')) as {
        components: { purl: string }[];
      };
      const listed = components.map(({ purl }) => purl).toSorted();
      expect([...new Set(installed.trim().split('\n'))].toSorted()).toEqual(listed);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
