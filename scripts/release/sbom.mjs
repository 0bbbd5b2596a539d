// What the image and the package `ringback` are made of: the packages of npm with versions, checksums and licences.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../set-up.mjs';

/** What npm calls the formats, and how their files end. */
const FORMATS = { cyclonedx: 'cdx.json', spdx: 'spdx.json' };

/**
 * Writes one file a format into a folder, which is made, and answers their paths.
 * @param {string} to
 * @returns {string[]}
 */
export function writeSboms(to) {
  const manifest = parse('package.json');
  mkdirSync(to, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'ringback-sbom-'));
  try {
    stageProduction(join(work, manifest.name), manifest);
    return Object.entries(FORMATS).map(([format, ending]) => {
      const file = join(to, `${manifest.name}-${manifest.version}.${ending}`);
      writeFileSync(file, list(join(work, manifest.name), format));
      return file;
    });
  } finally {
    rmSync(work, { recursive: true });
  }
}

/**
 * `npm sbom --omit=dev` leaves out whatever a package for development needs as well, such as `@nestjs/core`: so it is shown the rest alone.
 * @param {string} folder
 * @param {Record<string, unknown>} manifest
 */
function stageProduction(folder, manifest) {
  const lock = parse('package-lock.json');
  const places = Object.entries(lock.packages).filter(
    ([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional,
  );
  const packages = Object.fromEntries(places);
  packages[''] = withoutDevelopment(packages['']);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(withoutDevelopment(manifest)));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
}

/** @param {Record<string, unknown>} manifest */
function withoutDevelopment(manifest) {
  const none = undefined;
  return { ...manifest, devDependencies: none, optionalDependencies: none, overrides: none, scripts: none };
}

/**
 * @param {string} folder
 * @param {string} format
 */
function list(folder, format) {
  const options = [`--sbom-format=${format}`, '--sbom-type=application', '--package-lock-only'];
  return execFileSync('npm', ['sbom', ...options], { cwd: folder });
}

/** @param {string} file */
function parse(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}
