import { EventSource, type EventSourceFetchInit } from 'eventsource';

/** What arrived: an event of the stream, as its listener got it. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

export interface StockStreamOptions {
  /** Headers beside those that an EventSource sends. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Names of events to listen to, beside `message`. */
  readonly types?: readonly string[];
}

const STREAM_TYPES = [
  'message',
  'ringback.reset',
  'ringback.presence',
  'ringback.ended',
  'ringback.close',
  'ringback.error',
];

/** So much of a stream is looked at byte for byte. */
const HEAD = 4_096;

/** A stock EventSource, and what it got. For specs. */
export class StockStream {
  readonly events: StreamEvent[] = [];
  /** Of each attempt to connect. */
  readonly responses: Response[] = [];
  /** The id that each attempt was made with. */
  readonly idsSent: (string | undefined)[] = [];
  readonly source: EventSource;
  /** What each refused attempt was answered with. */
  readonly problems: { readonly code: string }[] = [];
  /** How its newest stream begins, byte for byte. */
  head = '';
  /** How often it was opened. */
  opened = 0;
  /** How often its stream ended or could not be opened. */
  errors = 0;
  private isStalled = false;

  constructor(url: string, { headers = {}, types = [] }: StockStreamOptions = {}) {
    this.source = new EventSource(url, {
      fetch: (input, init) => this.fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
    });
    this.source.addEventListener('open', () => (this.opened += 1));
    this.source.addEventListener('error', () => (this.errors += 1));
    for (const type of [...STREAM_TYPES, ...types])
      this.source.addEventListener(type, ({ data, lastEventId }) => {
        this.events.push({ type, data: String(data), lastEventId });
      });
  }

  /** Whether it is open, or wants to be. */
  get isAlive(): boolean {
    return this.source.readyState !== EventSource.CLOSED;
  }

  get status(): number | undefined {
    return this.responses.at(-1)?.status;
  }

  of(type: string): readonly StreamEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  close(): void {
    this.source.close();
  }

  /** Reads nothing more, and keeps the link open. */
  stall(): void {
    this.isStalled = true;
  }

  private async fetch(url: string | URL, init: EventSourceFetchInit): Promise<Response> {
    this.idsSent.push(init.headers['Last-Event-ID']);
    this.head = '';
    const response = await fetch(url, init);
    this.responses.push(response);
    const { status, redirected, headers } = response;
    if (headers.get('content-type') === 'application/problem+json')
      this.problems.push((await response.json()) as { code: string });
    const body = response.bodyUsed ? null : (response.body?.pipeThrough(this.gate()) ?? null);
    return { url: response.url, status, redirected, headers, body } as unknown as Response;
  }

  /** Lets nothing through while the stream is stalled. */
  private gate(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: async (chunk, controller) => {
        if (this.isStalled) await new Promise(() => undefined);
        if (this.head.length < HEAD) this.head += Buffer.from(chunk).toString('utf8');
        controller.enqueue(chunk);
      },
    });
  }
}
