import { objectsIn } from './kubernetes.js';
import { read } from '../files.js';

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

/** The part of a Deployment that tests look at. */
export interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
      };
    };
  };
}

const deployment = objectsIn(read('k8s/base/deployment.yaml'))[0] as unknown as Deployment;
export const pod = deployment.spec.template.spec;
export const hub = pod.containers[0];

/** How long a probe may fail until it counts. */
export const budgetMs = ({ periodSeconds, failureThreshold }: Probe): number =>
  periodSeconds * failureThreshold * 1_000;
