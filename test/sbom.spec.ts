import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { rootManifest } from '../scripts/packages/manifest.mjs';
import { writeSboms } from '../scripts/release/sbom.mjs';
import { root } from '../scripts/set-up.mjs';

interface Locked {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

interface CycloneDx {
  readonly metadata: { readonly component: { readonly purl: string } };
  readonly components: readonly { readonly purl: string; readonly licenses?: readonly object[] }[];
}

interface Spdx {
  readonly packages: readonly { readonly externalRefs: readonly { readonly referenceLocator: string }[] }[];
}

const ITSELF = `pkg:npm/ringback@${rootManifest.version}`;

let packages: Readonly<Record<string, Locked>>;
let folder: string;
let cyclonedx: CycloneDx;
let spdx: Spdx;

const parse = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));
const nameOf = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 13);
const purlOf = (place: string): string =>
  `pkg:npm/${nameOf(place).replace('@', '%40')}@${packages[place]?.version}`;

/** Where Node finds the package that a module at the place asks for. */
function resolvePlace(from: string, name: string): string {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const place = `${at}${at && '/'}node_modules/${name}`;
    if (packages[place]) return place;
    if (at === '') throw new Error(`${name}, which ${from} needs, is not in the lock file`);
  }
}

/** All that is reached from what the programs depend on. */
function neededPlaces(): ReadonlySet<string> {
  const places = new Set<string>();
  const visit = (from: string): void => {
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = packages[from] ?? {};
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    for (const name of [...Object.keys(dependencies), ...peers]) {
      const place = resolvePlace(from, name);
      if (places.has(place)) continue;
      places.add(place);
      visit(place);
    }
  };
  visit('');
  return places;
}

beforeAll(async () => {
  ({ packages } = (await parse(join(root, 'package-lock.json'))) as {
    packages: Readonly<Record<string, Locked>>;
  });
  folder = await mkdtemp(join(tmpdir(), 'ringback-sboms-'));
  const files = writeSboms(folder);
  expect(files.map((file) => basename(file))).toEqual(
    ['cdx.json', 'spdx.json'].map((ending) => `ringback-${rootManifest.version}.${ending}`),
  );
  [cyclonedx, spdx] = (await Promise.all(files.map(async (file) => parse(file)))) as [CycloneDx, Spdx];
}, 60_000);

afterAll(async () => rm(folder, { recursive: true }));

describe('the bill of materials', () => {
  it('lists each package that the programs need, and no other', () => {
    const needed = [...new Set([...neededPlaces()].map((place) => purlOf(place)))].toSorted();
    expect(needed.length).toBeGreaterThan(100);
    expect(cyclonedx.components.map(({ purl }) => purl).toSorted()).toEqual(needed);
    const locators = spdx.packages.flatMap(({ externalRefs }) => externalRefs[0]?.referenceLocator ?? []);
    expect(locators.filter((purl) => purl !== ITSELF).toSorted()).toEqual(needed);
  });

  it('lists nothing that only development needs', () => {
    const listed = new Set(cyclonedx.components.map(({ purl }) => purl));
    const needed = neededPlaces();
    const forDevelopment = Object.keys(packages['']?.devDependencies ?? {})
      .map((name) => `node_modules/${name}`)
      .filter((place) => !needed.has(place));
    expect(forDevelopment.length).toBeGreaterThan(15);
    expect(forDevelopment.filter((place) => listed.has(purlOf(place)))).toEqual([]);
  });

  it('says what it is of, and names licences', () => {
    expect(cyclonedx.metadata.component.purl).toBe(ITSELF);
    const licensed = cyclonedx.components.filter(({ licenses = [] }) => licenses.length > 0);
    expect(licensed.length).toBeGreaterThan(cyclonedx.components.length * 0.95);
  });
});
