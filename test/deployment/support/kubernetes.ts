import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

/** The objects of all files of `k8s`, but for what Kustomize itself reads: kustomizations and patches. */
export function objectsOfFiles(): KubernetesObject[] {
  const files = readdirSync(join(root, 'k8s'), { recursive: true, encoding: 'utf8' });
  const own = /(kustomization|access-control)\.yaml$/;
  return files
    .filter((file) => file.endsWith('.yaml') && !own.test(file))
    .flatMap((file) => objectsIn(read(`k8s/${file}`)));
}

export const kubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

/** What Kustomize makes of a folder of `k8s`; throws with its words. */
export function rendered(folder: string): KubernetesObject[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(root, folder)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return objectsIn(stdout);
}

/** Throws if a field is missing or has a wrong value. */
export async function validate(object: KubernetesObject): Promise<void> {
  const [, load] = modelsOf(object);
  const models = (await load()) as unknown as Readonly<Record<string, Model>>;
  const Kind = models[object.kind];
  if (!Kind) throw new Error(`no model of ${object.kind}`);
  new Kind(object).validate();
}

/** What the compiler says of the objects as literals of their types, unknown fields among it; empty if nothing. */
export function faultsOfTypes(objects: readonly KubernetesObject[]): string {
  const lines = objects.map((object, i) => {
    const type = `import(${JSON.stringify(modelsOf(object)[0])}).I${object.kind}`;
    return `export const o${i}: ${type} = ${JSON.stringify(object)};`;
  });
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(root, '.tmp/kubernetes-'));
  try {
    const file = join(folder, 'objects.ts');
    writeFileSync(file, lines.join('\n'));
    return compiled(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compiled(file: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext'.split(' ');
  return spawnSync(process.execPath, [tsc, ...options, file], { encoding: 'utf8' }).stdout;
}

export const parsed = (path: string): unknown => parse(read(path), { merge: true });
