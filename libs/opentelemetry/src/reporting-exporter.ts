import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '@ringback/core';

type OnExported = Parameters<SpanExporter['export']>[1];

/** Says so in the log where spans could not leave: OpenTelemetry itself drops them without a word. */
export class ReportingExporter implements SpanExporter {
  constructor(
    private readonly exporter: SpanExporter,
    private readonly log: Log,
  ) {}

  export(spans: ReadableSpan[], onExported: OnExported): void {
    this.exporter.export(spans, (result) => {
      if (result.error) this.log.warn('spans not exported', { spans: spans.length, error: result.error });
      onExported(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }
}
