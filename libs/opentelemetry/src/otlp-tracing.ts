import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { Log, Tracer } from '@ringback/core';
import { ReportingExporter } from './reporting-exporter.js';
import { OpenTelemetryTracer } from './opentelemetry-tracer.js';
import type { SamplerSettings, TracingSettings } from './tracing-settings.js';
import type { TracedNode, Tracing } from './tracing.js';

/** The one module, with what it needs, that loads OpenTelemetry: to be imported only where traces are wanted. */
export class OtlpTracing implements Tracing {
  readonly tracer: Tracer;
  private readonly provider: TracerProvider;

  constructor({ url, serviceName, sampler }: TracingSettings, node: TracedNode, log: Log) {
    const exporter = new ReportingExporter(new OTLPTraceExporter({ url }), log);
    this.provider = new TracerProvider({
      resource: resourceOf(node, serviceName),
      sampler: samplerOf(sampler),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    });
    this.tracer = new OpenTelemetryTracer(this.provider.getTracer('ringback', node.version));
  }

  async close(): Promise<void> {
    await this.provider.shutdown().catch(() => undefined); // the exporter has logged it
  }
}

function samplerOf({ isParentBased, ratio }: SamplerSettings): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}

/** The variables count before what the node says of itself. */
function resourceOf({ nodeId, version }: TracedNode, serviceName?: string): Resource {
  return resourceFromAttributes({
    'service.name': 'ringback',
    'service.version': version,
    'service.instance.id': nodeId,
  })
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }))
    .merge(resourceFromAttributes(serviceName === undefined ? {} : { 'service.name': serviceName }));
}
