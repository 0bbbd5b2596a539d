import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { read, root } from '../files.js';
import { inScratchFolder, objectsIn, parsed, type KubernetesObject } from './kubernetes.js';

export const kubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

export const COMPONENTS = ['gateway-api', 'traefik', 'ingress-nginx'] as const;

/** The objects of all files of `k8s`, but for what Kustomize itself reads: kustomizations and patches. */
export function objectsOfFiles(): KubernetesObject[] {
  const files = readdirSync(join(root, 'k8s'), { recursive: true, encoding: 'utf8' });
  const own = /(kustomization|access-control)\.yaml$/;
  return files
    .filter((file) => file.endsWith('.yaml') && !own.test(file))
    .flatMap((file) => objectsIn(read(`k8s/${file}`)));
}

/** What Kustomize makes of a folder of `k8s`; throws with its words. */
export function rendered(folder: string): KubernetesObject[] {
  return kustomized(join(root, folder));
}

/** What Kustomize makes of an overlay of one's own; its paths are relative to a folder beside `k8s`. */
export function renderedOwn(kustomization: string): KubernetesObject[] {
  return inScratchFolder((folder) => {
    const toRoot = relative(folder, root);
    writeFileSync(join(folder, 'kustomization.yaml'), kustomization.replaceAll('../k8s/', `${toRoot}/k8s/`));
    return kustomized(folder);
  });
}

/** What Kustomize makes of the overlay `production` with a component. */
export function renderedWith(component: (typeof COMPONENTS)[number]): KubernetesObject[] {
  return renderedOwn(
    stringify({
      namespace: 'ringback',
      resources: ['../k8s/overlays/production'],
      components: [`../k8s/components/${component}`],
    }),
  );
}

/** The literals from which Kustomize makes the ConfigMap, of all these folders. */
export function settingsOf(folders: readonly string[]): Readonly<Record<string, string>> {
  const literals = folders.flatMap((folder) => {
    const { configMapGenerator = [] } = parsed(`${folder}/kustomization.yaml`) as {
      configMapGenerator?: { literals: string[] }[];
    };
    return configMapGenerator.flatMap((map) => map.literals);
  });
  return Object.fromEntries(literals.map((literal) => literal.split('=', 2) as [string, string]));
}

function kustomized(folder: string): KubernetesObject[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return objectsIn(stdout);
}
