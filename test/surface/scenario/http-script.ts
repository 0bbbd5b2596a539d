import type { Section } from '../document.js';
import { httpExchange, type HttpAnswer, type HttpRequest } from '../wire/http-exchange.js';

/** Types of bodies that are recorded; pages, scripts and metrics are not. */
const RECORDED = /json|text\/plain; charset=utf-8$/;

/** Requests of a scenario with their answers, each under the name of its step. */
export class HttpScript {
  readonly steps: Record<string, Section> = {};

  constructor(private readonly url: string) {}

  /** Resolves to the body. Recorded is what `show` makes of it. */
  async request(step: string, request: HttpRequest, show = (body: string): string => body): Promise<string> {
    if (step in this.steps) throw new Error(`two steps have the name ${JSON.stringify(step)}`);
    const answer = await httpExchange(this.url, request);
    this.steps[step] = { ...requestSection(request), ...answerSection(answer, show) };
    return answer.bytes.toString();
  }
}

/** For lists whose order means nothing. */
export function sortedItems(body: string): string {
  const { items, ...rest } = JSON.parse(body) as { readonly items: readonly unknown[] };
  const sorted = items.map((item) => JSON.stringify(item)).toSorted();
  return JSON.stringify({ items: sorted.map((item) => JSON.parse(item) as unknown), ...rest });
}

function requestSection({ method = 'GET', path, headers = {}, body }: HttpRequest): Section {
  return {
    request: `${method} ${path}`,
    requestHeaders: Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body !== undefined && {
      requestBody: shortened(typeof body === 'string' ? body : body.toString('latin1')),
    }),
  };
}

function answerSection({ status, headers, bytes }: HttpAnswer, show: (body: string) => string): Section {
  const isRecorded = headers.some((header) => header.startsWith('content-type: ') && RECORDED.test(header));
  return { status, headers, ...(isRecorded && { body: show(bytes.toString()) }) };
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 20)}… ${text.length} bytes` : text;
}
