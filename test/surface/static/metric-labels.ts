import { PromMetrics } from '@ringback/platform';
import type { Registry } from 'prom-client';
import { AgentMetrics } from '../../../apps/agent/src/agent-metrics.js';
import type { Section } from '../document.js';
import { COMMON_METRIC } from '../running/metrics.js';

/** The labels of each metric by the code: a running process shows only those that it has used. */
export function recordMetricLabels(): Section {
  return { hub: labelsIn(new PromMetrics().registry), agent: labelsIn(new AgentMetrics().registry) };
}

function labelsIn(registry: Registry): Section {
  const metrics = registry.getMetricsAsArray() as readonly { name: string; labelNames?: readonly string[] }[];
  const own = metrics.filter(({ name }) => !COMMON_METRIC.test(name));
  return Object.fromEntries(own.map(({ name, labelNames = [] }) => [name, labelNames]));
}
