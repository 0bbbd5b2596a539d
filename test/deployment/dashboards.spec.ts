import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards } from '../../scripts/dashboards.mjs';
import { read, root } from './files.js';

const FOLDER = 'deploy/observability/dashboards';
const files = [...dashboards()];

/** What Node and Prometheus measure by themselves is not ours to document. */
const documented = new Set(
  [...read('docs/operations.md').matchAll(/`(ringback_\w+)/g)].map(([, name]) => name),
);

describe('the dashboards', () => {
  it('are those that the script writes', () => {
    expect(readdirSync(join(root, FOLDER)).toSorted()).toEqual(files.map(([name]) => name).toSorted());
  });

  it.each(files)('%s is as the script writes it, and asks for metrics that there are', (name, text) => {
    expect(read(`${FOLDER}/${name}`)).toBe(text);
    const used = [...text.matchAll(/ringback_\w+/g)].map(([metric]) => metric.replace(/_bucket$/, ''));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((metric) => !documented.has(metric))).toEqual([]);
  });
});
