import { describe, expect, it } from '@jest/globals';
import { isSetting, read } from './files.js';
import {
  faultsOfTypes,
  kubectl,
  objectsIn,
  objectsOfFiles,
  parsed,
  rendered,
  validate,
} from './support/kubernetes.js';

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly {
          readonly env: readonly { readonly name: string }[];
          readonly readinessProbe: { readonly periodSeconds: number; readonly failureThreshold: number };
        }[];
      };
    };
  };
}

const OVERLAYS = ['k8s/overlays/dev', 'k8s/overlays/production'];
const objects = kubectl
  ? [...objectsOfFiles(), ...OVERLAYS.flatMap((overlay) => rendered(overlay))]
  : objectsOfFiles();
const what = kubectl ? 'files and rendered overlays' : 'files alone, since kubectl is missing';

const base = objectsIn(read('k8s/base/deployment.yaml'))[0] as unknown as Deployment;
const pod = base.spec.template.spec;
const literals = ['k8s/base', ...OVERLAYS].flatMap((folder) => {
  const { configMapGenerator = [] } = parsed(`${folder}/kustomization.yaml`) as {
    configMapGenerator?: { literals: string[] }[];
  };
  return configMapGenerator.flatMap((map) => map.literals);
});
const secondsOf = (name: string): number =>
  Number(literals.find((literal) => literal.startsWith(`${name}=`))?.split('=')[1]) / 1_000;

describe(`the objects for Kubernetes (${what})`, () => {
  it('have the fields that the published models want', async () => {
    expect(objects.length).toBeGreaterThan(15);
    await Promise.all(objects.map(async (object) => validate(object)));
  });

  it('have no others', () => {
    expect(faultsOfTypes(objects)).toBe('');
  }, 60_000);

  it('are refused with an unknown field, or a wrong value', async () => {
    const [deployment] = objectsIn(read('k8s/base/deployment.yaml'));
    if (!deployment) throw new Error('no deployment');
    expect(faultsOfTypes([{ ...deployment, replica: 3 } as typeof deployment])).toContain('replica');
    await expect(validate({ ...deployment, spec: { replicas: 'x' } } as typeof deployment)).rejects.toThrow();
  }, 60_000);

  it('name settings that there are', () => {
    const access = parsed('k8s/overlays/production/access-control.yaml') as Deployment;
    const variables = [pod, access.spec.template.spec].flatMap(({ containers }) =>
      containers.flatMap(({ env }) => env.map(({ name }) => name)),
    );
    const names = [...variables, ...literals.map((literal) => literal.split('=')[0] ?? '')];
    expect(names.filter((name) => name !== 'POD_IP' && !isSetting(name))).toEqual([]);
  });

  it('give a pod longer than a stop takes', () => {
    const stop = secondsOf('RINGBACK_SHUTDOWN_DELAY_MS') + secondsOf('RINGBACK_DRAIN_MS');
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(stop + 10);
  });

  it('notice that a pod is not ready before it closes anybody', () => {
    const { periodSeconds, failureThreshold } = pod.containers[0]?.readinessProbe ?? {};
    const noticed = Number(periodSeconds) * Number(failureThreshold);
    expect(noticed).toBeLessThan(secondsOf('RINGBACK_SHUTDOWN_DELAY_MS'));
  });

  it('raise the alerts that are raised elsewhere', () => {
    const rule = objectsOfFiles().find(({ kind }) => kind === 'PrometheusRule');
    expect(rule).toMatchObject({ spec: parsed('deploy/observability/rules/ringback.yml') });
  });

  it('let the legacy edge wait for longer than a poll', () => {
    const [ingress] = objectsIn(read('k8s/components/ingress-nginx/edge.yaml'));
    expect(ingress).toMatchObject({
      metadata: { annotations: { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600' } },
    });
  });
});
