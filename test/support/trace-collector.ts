import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it came. */
export interface CollectedSpan {
  readonly name: string;
  readonly node: string;
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

type SentSpan = Omit<CollectedSpan, 'attributes'> & { readonly attributes?: readonly Attribute[] };

/** The body of OTLP over HTTP, as JSON. */
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

/** Takes traces as a collector of OpenTelemetry does. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  /** Every body, as text. */
  readonly received: string[] = [];
  private readonly server = createServer((request, response) => {
    this.take(request)
      .then((status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'))
      .catch(() => response.destroy());
  });

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== 'POST' || request.url !== '/v1/traces') return 404;
    const text = Buffer.concat(chunks).toString();
    this.received.push(text);
    this.spans.push(...spansOf(JSON.parse(text) as Export));
    return 200;
  }
}

function spansOf({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const says = valuesOf(resource.attributes);
    const where = { node: says['service.instance.id'] ?? '', service: says['service.name'] ?? '' };
    const spans = scopeSpans.flatMap((scope) => scope.spans);
    return spans.map((span) =>
      Object.assign({}, span, where, { attributes: valuesOf(span.attributes ?? []) }),
    );
  });
}

function valuesOf(attributes: readonly Attribute[]): Record<string, string | undefined> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}
