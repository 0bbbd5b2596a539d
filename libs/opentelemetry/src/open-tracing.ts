import type { Log } from '@ringback/core';
import { readTracingSettings } from './tracing-settings.js';
import type { TracedNode, Tracing } from './tracing.js';

const INSTALL =
  'npm install @opentelemetry/api@1.10.0 @opentelemetry/core@3.1.0 @opentelemetry/sdk-trace@3.1.0 @opentelemetry/resources@3.1.0 @opentelemetry/exporter-trace-otlp-http@0.301.0';

/**
 * Traces as the standard `OTEL_…` variables say; `undefined` where they ask for none, and then nothing is loaded. Where they ask for what cannot be had the log
 * says why, and the node goes on without. Headers, time-outs, certificates and resource attributes are read from the environment of the process.
 */
export async function openTracing(
  environment: Readonly<Record<string, string | undefined>>,
  node: TracedNode,
  log: Log,
): Promise<Tracing | undefined> {
  try {
    const settings = readTracingSettings(environment);
    if (!settings) return undefined;
    const { OtlpTracing } = await import('./otlp-tracing.js');
    const tracing = new OtlpTracing(settings, node, log);
    log.info('traces are recorded', { url: withoutSecrets(settings.url), ...settings.sampler });
    return tracing;
  } catch (error) {
    log.warn('traces not recorded', { reason: reasonOf(error) });
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return message;
  return `The packages of OpenTelemetry are not installed: ${INSTALL}`;
}

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
