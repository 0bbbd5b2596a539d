import type { BrowserPage } from './chromium.js';

/** How one EventSource of a page fares. */
export interface StreamCounts {
  readonly opened: number;
  readonly isAlive: boolean;
  readonly messages: number;
  readonly resets: number;
}

/** What one EventSource of a page has got: the data of each event, in order. */
export interface StreamContents {
  readonly messages: readonly string[];
  readonly resets: readonly string[];
}

/** Runs in the page: nothing of it but the browser's own EventSource. */
const SCRIPT = `
  var streams = [];
  function openStream(url) {
    const source = new EventSource(url);
    const stream = { source, opened: 0, messages: [], resets: [] };
    source.addEventListener('open', () => stream.opened++);
    source.addEventListener('message', ({ data }) => stream.messages.push(data));
    source.addEventListener('ringback.reset', ({ data }) => stream.resets.push(data));
    streams.push(stream);
  }
  function countsOf({ source, opened, messages, resets }) {
    const isAlive = source.readyState !== EventSource.CLOSED;
    return { opened, isAlive, messages: messages.length, resets: resets.length };
  }
`;

/** The EventSource streams of a page. */
export class BrowserStreams {
  private constructor(private readonly page: BrowserPage) {}

  static async in(page: BrowserPage): Promise<BrowserStreams> {
    await page.evaluate(SCRIPT);
    return new BrowserStreams(page);
  }

  async open(urls: readonly string[]): Promise<void> {
    await this.page.evaluate(`${JSON.stringify(urls)}.forEach(openStream)`);
  }

  /** In the order in which they were opened, as all that comes from here. */
  counts(): Promise<readonly StreamCounts[]> {
    return this.page.evaluate('streams.map(countsOf)');
  }

  contents(): Promise<readonly StreamContents[]> {
    return this.page.evaluate('streams.map(({ messages, resets }) => ({ messages, resets }))');
  }
}
