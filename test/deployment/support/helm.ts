import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from '../files.js';
import type { KubernetesObject } from './kubernetes.js';

export const CHART = 'charts/ringback';

/** Helm, on the PATH or where `go install` puts it; nothing if it is in neither place. */
export const helm = ['helm', join(homedir(), 'go/bin/helm')].find(
  (command) => spawnSync(command, ['version', '--short']).status === 0,
);

/** What Helm says of the chart with these values; throws with its words if it finds fault. */
export const linted = (...values: readonly string[]): string => run(['lint', '--strict', CHART, ...values]);

/** What Helm makes of the chart for a release `ringback` in the namespace `ringback`; throws with its words. */
export function templated(...values: readonly string[]): KubernetesObject[] {
  const text = run(['template', 'ringback', CHART, '--namespace', 'ringback', ...values]);
  const objects = parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as unknown);
  return objects.filter((object) => object !== null) as KubernetesObject[];
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(helm ?? 'helm', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr + stdout);
  return stdout;
}
