import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { read, root } from '../files.js';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

type Model = new (data: object) => { validate(): void };

/** Published models, by API version. */
const MODELS = {
  v1: ['kubernetes-models/v1', () => import('kubernetes-models/v1')],
  'apps/v1': ['kubernetes-models/apps/v1', () => import('kubernetes-models/apps/v1')],
  'autoscaling/v2': ['kubernetes-models/autoscaling/v2', () => import('kubernetes-models/autoscaling/v2')],
  'policy/v1': ['kubernetes-models/policy/v1', () => import('kubernetes-models/policy/v1')],
  'networking.k8s.io/v1': [
    'kubernetes-models/networking.k8s.io/v1',
    () => import('kubernetes-models/networking.k8s.io/v1'),
  ],
  'gateway.networking.k8s.io/v1': [
    '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1',
    () => import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'),
  ],
  'monitoring.coreos.com/v1': [
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
    () => import('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'),
  ],
} as const satisfies Record<string, readonly [string, () => Promise<object>]>;

const modelsOf = ({ apiVersion }: KubernetesObject) => {
  if (!(apiVersion in MODELS)) throw new Error(`no models of ${apiVersion}`);
  return MODELS[apiVersion as keyof typeof MODELS];
};

export function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as KubernetesObject);
}

/** Throws if a field is missing or has a wrong value. */
export async function validate(object: KubernetesObject): Promise<void> {
  const [, load] = modelsOf(object);
  const models = (await load()) as unknown as Readonly<Record<string, Model>>;
  const Kind = models[object.kind];
  if (!Kind) throw new Error(`no model of ${object.kind}`);
  new Kind(object).validate();
}

/** What the compiler says of each object as a literal of its type, unknown fields among it; empty where nothing. */
export function faultsOfTypes(objects: readonly KubernetesObject[]): string[] {
  const lines = objects.map((object, i) => {
    const type = `import(${JSON.stringify(modelsOf(object)[0])}).I${object.kind}`;
    return `export const o${i}: ${type} = ${JSON.stringify(object)};`;
  });
  const faults = inScratchFolder((folder) => {
    const file = join(folder, 'objects.ts');
    writeFileSync(file, lines.join('\n'));
    return compiled(file);
  });
  return objects.map((_object, i) => faults.get(i + 1) ?? '');
}

const OPTIONS = '--ignoreConfig --noEmit --strict --skipLibCheck --lib es2023 --module nodenext'.split(' ');

/** What the compiler says, by line. */
function compiled(file: string): ReadonlyMap<number, string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, ...OPTIONS, file], { encoding: 'utf8' });
  const faults = stdout.split('\n').filter((line) => /^\S/.test(line));
  return new Map(
    faults.map((fault) => {
      const [, line, what] = /objects\.ts\((\d+),\d+\): (.*)$/.exec(fault) ?? [];
      if (line === undefined || what === undefined) throw new Error(`${fault}\n${stderr}`);
      return [Number(line), what];
    }),
  );
}

/** Runs with a fresh folder of the project, and removes it. */
export function inScratchFolder<T>(run: (folder: string) => T): T {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(root, '.tmp/kubernetes-'));
  try {
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const parsed = (path: string): unknown => parse(read(path), { merge: true });
