import { expect } from '@jest/globals';
import type { KubernetesObject } from './kubernetes.js';

/** The objects by kind and name. */
export function byName(objects: readonly KubernetesObject[]): Readonly<Record<string, KubernetesObject>> {
  return Object.fromEntries(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
}

/**
 * What Kustomize makes, as the chart has it. The namespace is no object of the chart; and what replaces the pods when settings change is not a hash in
 * the names of ConfigMap and Secret, but an annotation.
 */
export function asInChart(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const generated = objects.filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret');
  const text = generated.reduce(
    (text, { metadata: { name } }) => text.replaceAll(`"${name}"`, `"${withoutHash(name)}"`),
    JSON.stringify(objects.filter(({ kind }) => kind !== 'Namespace')),
  );
  return (JSON.parse(text) as KubernetesObject[]).map((object) => withChecksum(object));
}

const withoutHash = (name: string): string => name.replace(/-[a-z0-9]{10}$/, '');

interface Pods {
  readonly spec: { readonly template: { readonly metadata: object } };
}

function withChecksum(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Deployment') return object;
  const annotations = { 'checksum/settings': expect.stringMatching(/^[0-9a-f]{64}$/) as unknown };
  Object.assign((object as unknown as Pods).spec.template.metadata, { annotations });
  return object;
}
