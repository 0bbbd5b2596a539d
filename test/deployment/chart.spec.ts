import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { isSetting, read } from './files.js';
import { CHART, helm, linted, templated } from './support/helm.js';
import { faultsOfTypes, parsed, validate, type KubernetesObject } from './support/kubernetes.js';
import { kubectl, rendered, renderedWith } from './support/kustomize.js';
import { asInChart, byName } from './support/same-objects.js';

const { version } = JSON.parse(read('package.json')) as { version: string };
const values = parsed(`${CHART}/values.yaml`) as { settings: Record<string, string> };

describe('the chart', () => {
  it('has the version of the project', () => {
    expect(parsed(`${CHART}/Chart.yaml`)).toMatchObject({ name: 'ringback', version, appVersion: version });
  });

  it('raises the alerts that are raised elsewhere', () => {
    expect(read(`${CHART}/rules.yml`)).toBe(read('deploy/observability/rules/ringback.yml'));
  });

  it('gives the hub settings that there are', () => {
    expect(Object.keys(values.settings).filter((name) => !isSetting(name))).toEqual([]);
  });
});

describe('the schema of its values', () => {
  const schema = JSON.parse(read(`${CHART}/values.schema.json`)) as { properties: object };
  const validates = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

  it('fits the values that there are, and knows no others', () => {
    for (const file of ['values.yaml', 'values/dev.yaml', 'values/production.yaml']) {
      validates(parsed(`${CHART}/${file}`));
      expect([file, validates.errors]).toEqual([file, null]);
    }
    expect(Object.keys(values).toSorted()).toEqual(
      Object.keys(schema.properties)
        .filter((name) => name !== 'global')
        .toSorted(),
    );
  });

  it.each([
    { unheardOf: 1 },
    { image: { repository: 'ringback', unheardOf: 1 } },
    { ingress: { gateway: { unheardOf: 1 } } },
    { autoscaling: { unheardOf: 1 } },
    { replicas: '3' },
    { ingress: { kind: 'nginx' } },
    { settings: { ...values.settings, unheardOf: 'x' } },
    { settings: { ...values.settings, LOG_LEVEL: 1 } },
    { settings: { ...values.settings, PORT: '9090' } },
    { settings: { ...values.settings, RINGBACK_NODE_ID: 'the same for all' } },
    { settings: { HOST: '::' } },
  ])('refuses %j', (wrong) => {
    expect(validates(wrong)).toBe(false);
  });
});

const PRODUCTION = `--values=${CHART}/values/production.yaml`;
const DEV = `--values=${CHART}/values/dev.yaml`;

const SAME: readonly (readonly [
  what: string,
  flags: readonly string[],
  expected: () => KubernetesObject[],
])[] = [
  ['overlay dev', [DEV], () => rendered('k8s/overlays/dev')],
  ['overlay production', [PRODUCTION], () => rendered('k8s/overlays/production')],
  ['component gateway-api', [PRODUCTION, '--set=ingress.kind=gatewayApi'], () => renderedWith('gateway-api')],
  ['component traefik', [PRODUCTION, '--set=ingress.kind=traefik'], () => renderedWith('traefik')],
  [
    'component ingress-nginx',
    [PRODUCTION, '--set=ingress.kind=ingressNginx'],
    () => renderedWith('ingress-nginx'),
  ],
];

/** Everything that no overlay has. */
const MORE = [
  '--set=secret.redisUrl=redis://redis,secret.accessTokens=app:secret:trigger,image.pullSecrets={registry}',
  '--set=ingress.kind=traefik,ingress.tlsSecret=certificate,autoscaling.enabled=true,autoscaling.connections=0',
  '--set=podMonitor.enabled=true,podMonitor.labels.release=prometheus',
  '--set=prometheusRule.enabled=true,prometheusRule.labels.release=prometheus',
];
const GATEWAY = [
  '--set=ingress.gateway.namespace=edges,ingress.gateway.timeout=1h',
  '--set=ingress.kind=gatewayApi',
];

if (helm)
  describe('the chart, rendered', () => {
    it.each([
      ['dev', [DEV]],
      ['production', [PRODUCTION]],
      ['all the rest', MORE],
    ])('is in order for Helm, with values for %s', (_what, flags) => {
      expect(linted(...flags)).toContain('0 chart(s) failed');
    });

    it('has the fields that the published models want, and no others', async () => {
      const all = [
        [DEV],
        [PRODUCTION],
        MORE,
        [...MORE, ...GATEWAY],
        [DEV, '--set=ingress.kind=ingressNginx'],
      ];
      const objects = all.flatMap((flags) => templated(...flags));
      expect(objects.length).toBeGreaterThan(40);
      await Promise.all(objects.map(async (object) => validate(object)));
      expect(faultsOfTypes(objects).filter((fault) => fault !== '')).toEqual([]);
    }, 60_000);

    it.each([
      [[], 'set secret.existing or secret.redisUrl'],
      [['--set=secret.redisUrl=redis://redis'], 'set secret.existing or secret.accessTokens'],
      [[DEV, '--set=unheardOf=1'], 'unheardOf is not allowed'],
    ])('is refused with %j', (flags, sentence) => {
      expect(() => templated(...flags)).toThrow(sentence);
    });

    it('makes the grace period of the two times of a stop', () => {
      const pods = podsOf(templated(DEV, '--set-string=settings.RINGBACK_DRAIN_MS=60500'));
      expect(pods.spec.terminationGracePeriodSeconds).toBe(10 + 61 + 15);
    });

    it('replaces the pods when a setting changes, or a secret that it has made', () => {
      const checksums = [[], ['--set=settings.LOG_LEVEL=warn'], ['--set=secret.redisUrl=redis://other']].map(
        (flags) => podsOf(templated(DEV, ...flags)).metadata.annotations['checksum/settings'],
      );
      expect(new Set(checksums).size).toBe(3);
    });

    if (kubectl)
      it.each(SAME)(
        'is the %s of Kustomize, object by object',
        (_what, flags, expected) => {
          expect(byName(templated(...flags))).toStrictEqual(byName(asInChart(expected())));
        },
        30_000,
      );
  });

if (!helm) console.info('helm is missing: the chart is not rendered.');
else if (!kubectl) console.info('kubectl is missing: the chart is not compared with what Kustomize makes.');

interface Pods {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: { readonly terminationGracePeriodSeconds: number };
}

function podsOf(objects: readonly KubernetesObject[]): Pods {
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  return (deployment as unknown as { spec: { template: Pods } }).spec.template;
}
