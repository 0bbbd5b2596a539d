import type { Log } from '@ringback/core';
import type { PromMetrics, Readiness } from '@ringback/platform';
import type { ClusterPorts } from './cluster-ports.js';
import type { Config } from './config.js';

/** What a node is made of before its modules are. */
export interface NodeParts {
  readonly config: Config;
  readonly ports: ClusterPorts;
  readonly log: Log;
  readonly metrics: PromMetrics;
  readonly readiness: Readiness;
  /** Where the other nodes reach this one; read when the node joins the cluster, by which time its port is bound. */
  readonly address: () => string;
}
