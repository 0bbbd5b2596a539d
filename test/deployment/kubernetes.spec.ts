import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { defaultOf, isSetting, read, root } from './files.js';
import { faultsOfTypes, objectsIn, parsed, validate, type KubernetesObject } from './support/kubernetes.js';
import {
  COMPONENTS,
  kubectl,
  objectsOfFiles,
  rendered,
  renderedOwn,
  renderedWith,
  settingsOf,
} from './support/kustomize.js';
import { budgetMs, hub, pod, type Deployment } from './support/pod.js';

if (!kubectl) console.info('kubectl is missing: the files of k8s are checked one by one, not rendered.');

const OVERLAYS = ['k8s/overlays/dev', 'k8s/overlays/production'];
const objects = kubectl
  ? [...OVERLAYS.flatMap((overlay) => rendered(overlay)), ...COMPONENTS.flatMap((name) => edgesWith(name))]
  : objectsOfFiles();

function edgesWith(component: (typeof COMPONENTS)[number]): KubernetesObject[] {
  return renderedWith(component).filter(({ kind }) => kind === 'Ingress' || kind === 'HTTPRoute');
}

/** The object with a field that nobody knows, where the path leads. */
function planted(kind: string, path: readonly (string | number)[]): KubernetesObject {
  const object = structuredClone(objects.find((object) => object.kind === kind));
  if (!object) throw new Error(`no ${kind}`);
  const place = path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], object);
  Object.assign(place as object, { unheardOf: 1 });
  return object;
}

const container = ['spec', 'template', 'spec', 'containers', 0];
const PLACES: readonly (readonly [kind: string, ...path: (string | number)[]])[] = [
  ['Deployment', 'spec'],
  ['Deployment', ...container],
  ['Deployment', ...container, 'livenessProbe', 'httpGet'],
  ['Service', 'spec', 'ports', 0],
  ['HorizontalPodAutoscaler', 'spec', 'metrics', 1, 'pods', 'target'],
  ['NetworkPolicy', 'spec', 'ingress', 0, 'from', 1],
  ['HTTPRoute', 'spec', 'rules', 0, 'timeouts'],
  ['Ingress', 'spec', 'rules', 0, 'http', 'paths', 0, 'backend', 'service'],
  ['PodMonitor', 'spec', 'podMetricsEndpoints', 0],
  ['PrometheusRule', 'spec', 'groups', 0, 'rules', 0],
];

const settings = settingsOf(['k8s/base', ...OVERLAYS]);
const secondsOf = (name: string): number => Number(settings[name]) / 1_000;

describe(`the objects for Kubernetes, ${kubectl ? 'rendered' : 'as they are in the files'}`, () => {
  it('have the fields that the published models want', async () => {
    expect(new Set(objects.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(12);
    await Promise.all(objects.map(async (object) => validate(object)));
  }, 60_000);

  it('have no others: one that nobody knows is found wherever it is', () => {
    const faulty = PLACES.map(([kind, ...path]) => planted(kind, path));
    const faults = faultsOfTypes([...objects, ...faulty]);
    expect(faults.slice(0, objects.length).filter((fault) => fault !== '')).toEqual([]);
    const missed = PLACES.filter((_place, i) => !faults[objects.length + i]?.includes('"unheardOf"'));
    expect(missed).toEqual([]);
  }, 60_000);

  it('are refused with a wrong value', async () => {
    const [deployment] = objectsIn(read('k8s/base/deployment.yaml'));
    const faulty = { ...deployment, spec: { replicas: 'x' } } as unknown as KubernetesObject;
    await expect(validate(faulty)).rejects.toThrow('replicas');
  });

  it('name settings that there are', () => {
    const access = parsed('k8s/overlays/production/access-control.yaml') as Deployment;
    const variables = [hub, access.spec.template.spec.containers[0]].flatMap(({ env }) =>
      env.map(({ name }) => name),
    );
    const names = [...variables, ...Object.keys(settings)];
    expect(names.filter((name) => name !== 'POD_IP' && !isSetting(name))).toEqual([]);
  });

  it('run the image of this version', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(hub.image).toBe(`ringback:${version}`);
  });

  it('raise the alerts that are raised elsewhere, and no others', () => {
    const rule = objectsOfFiles().find(({ kind }) => kind === 'PrometheusRule') as unknown as {
      spec: unknown;
    };
    expect(rule.spec).toStrictEqual(parsed('deploy/observability/rules/ringback.yml'));
  });
});

describe('a pod', () => {
  it('has longer than a stop takes', () => {
    const stop = secondsOf('RINGBACK_SHUTDOWN_DELAY_MS') + secondsOf('RINGBACK_DRAIN_MS');
    expect(pod.terminationGracePeriodSeconds).toBe(stop + 15);
  });

  it('is known not to be ready before it closes anybody', () => {
    expect(budgetMs(hub.readinessProbe)).toBeLessThan(Number(settings['RINGBACK_SHUTDOWN_DELAY_MS']));
  });

  it('is asked at paths that the hub documents, and is not restarted for what is not its fault', () => {
    const documented = [...read('docs/operations.md').matchAll(/^\| `(\/health\/\w+)` \|/gm)];
    const { startupProbe, livenessProbe, readinessProbe } = hub;
    const [live, ready] = documented.map(([, path]) => path);
    expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path)).toEqual([
      ready,
      live,
      ready,
    ]);
    expect(read('docs/operations.md')).toContain(`\`${live}\` does not depend on Redis`);
  });

  it('is asked at the port where it listens', () => {
    const [{ name, containerPort }] = hub.ports as [(typeof hub.ports)[number]];
    const probes = [hub.startupProbe, hub.livenessProbe, hub.readinessProbe];
    expect(probes.map(({ httpGet }) => httpGet.port)).toEqual([name, name, name]);
    expect(settings['PORT']).toBe(String(containerPort));
  });
});

interface Ingress {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly rules: readonly {
      readonly http: {
        readonly paths: readonly [{ backend: { service: { name: string; port: { name: string } } } }];
      };
    }[];
  };
}

interface Route {
  readonly spec: {
    readonly rules: readonly {
      readonly timeouts: { readonly request: string; readonly backendRequest: string };
      readonly backendRefs: readonly { readonly name: string; readonly port: number }[];
    }[];
  };
}

interface Service {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly ports: readonly { readonly name: string; readonly port: number }[] };
}

describe('the edges', () => {
  const edge = (component: string) => objectsIn(read(`k8s/components/${component}/edge.yaml`))[0] as unknown;
  const pollMs = defaultOf('RINGBACK_SIGNALR_POLL_TIMEOUT_MS');
  const [service] = objectsIn(read('k8s/base/services.yaml')) as unknown as [Service];
  const [port] = service.spec.ports;

  it('lead to the service', () => {
    const routes = (edge('gateway-api') as Route).spec.rules.flatMap(({ backendRefs }) => backendRefs);
    expect(routes).toEqual([{ name: service.metadata.name, port: port?.port }]);
    for (const component of ['traefik', 'ingress-nginx']) {
      const paths = (edge(component) as Ingress).spec.rules.flatMap(({ http }) => http.paths);
      const target = { service: { name: service.metadata.name, port: { name: port?.name } } };
      expect(paths.map(({ backend }) => backend)).toEqual([target]);
    }
  });

  it('wait for longer than a poll is held, by the Gateway API', () => {
    for (const { timeouts } of (edge('gateway-api') as Route).spec.rules) {
      expect(milliseconds(timeouts.request)).toBeGreaterThan(pollMs);
      expect(milliseconds(timeouts.backendRequest)).toBeGreaterThan(pollMs);
    }
  });

  it('are told by Traefik nothing that would buffer, bound or bind a client to a pod', () => {
    expect((edge('traefik') as Ingress).metadata.annotations).toBeUndefined();
  });

  it('make ingress-nginx do what the configuration says that is tried', () => {
    const { annotations = {} } = (edge('ingress-nginx') as Ingress).metadata;
    const tried = read('docs/edge/ingress-nginx.conf');
    for (const [annotation, value] of Object.entries(annotations)) {
      const directive = directiveOf(annotation);
      const values = [...tried.matchAll(new RegExp(`^ +${directive} (\\w+);$`, 'gm'))].map(
        ([, value]) => value,
      );
      expect([directive, ...new Set(values)]).toEqual([directive, value.replace(/^[1-9]\d*$/, '$&s')]);
    }
    const seconds = Number(annotations['nginx.ingress.kubernetes.io/proxy-read-timeout']);
    expect(seconds * 1_000).toBeGreaterThan(pollMs);
  });
});

if (kubectl)
  describe('the README of k8s', () => {
    const readme = read('k8s/README.md');
    const image = 'registry.example.com/ringback:0.1.0';

    it('has a command that gives the image its registry', () => {
      const [, command = ''] = /^(kubectl kustomize .*) \| kubectl apply -f -$/m.exec(readme) ?? [];
      const made = objectsIn(execFileSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' }));
      expect(imageOf(made)).toBe(image);
    });

    it("has an overlay of one's own, with an image, an edge and a setting", () => {
      const [, kustomization = ''] = /```yaml\n(.*?)```/s.exec(readme) ?? [];
      const mine = renderedOwn(kustomization);
      const of = (wanted: string) => mine.find(({ kind }) => kind === wanted);
      expect(imageOf(mine)).toBe(image);
      expect(of('HTTPRoute')).toMatchObject({
        metadata: { namespace: 'ringback' },
        spec: { hostnames: ['hub.mine.example'] },
      });
      expect(of('ConfigMap')).toMatchObject({ data: { ...settingsOf(['k8s/base']), LOG_LEVEL: 'warn' } });
    });

    it('has a patch for a hub below a path', async () => {
      const [kustomization = '', patch = ''] = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(
        ([, block]) => block,
      );
      const mine = renderedOwn(kustomization + patch.replaceAll(/^/gm, '  '));
      const route = mine.find(({ kind }) => kind === 'HTTPRoute') as KubernetesObject;
      await validate(route);
      expect(faultsOfTypes([route])).toEqual(['']);
      expect(route).toMatchObject({
        spec: {
          rules: [
            {
              matches: [{ path: { value: '/apps/ring' } }],
              filters: [{ type: 'URLRewrite' }, { type: 'RequestHeaderModifier' }],
            },
          ],
        },
      });
    });
  });

function imageOf(objects: readonly KubernetesObject[]): string | undefined {
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as Deployment | undefined;
  return deployment?.spec.template.spec.containers[0].image;
}

/** A duration of the Gateway API; none at all where it is 0. */
function milliseconds(duration: string): number {
  const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  const parts = [...duration.matchAll(/(\d+)(ms|h|m|s)/g)];
  const sum = parts.reduce((sum, [, n, unit]) => sum + Number(n) * (UNITS[unit ?? ''] ?? 0), 0);
  return sum === 0 ? Number.POSITIVE_INFINITY : sum;
}

/** What ingress-nginx writes for an annotation. */
function directiveOf(annotation: string): string {
  const name = annotation.replace('nginx.ingress.kubernetes.io/', '').replaceAll('-', '_');
  return name === 'proxy_body_size' ? 'client_max_body_size' : name;
}
