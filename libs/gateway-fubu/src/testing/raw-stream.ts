import { get, type ClientRequest, type IncomingMessage } from 'node:http';

/** A stream as its bytes come. For specs. */
export class RawStream {
  text = '';
  response: IncomingMessage | undefined;
  hasEnded = false;
  private readonly request: ClientRequest;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    const options = { headers: { Accept: 'text/event-stream', ...headers }, agent: false };
    this.request = get(url, options, (response) => {
      this.response = response;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (this.text += chunk));
      response.on('close', () => (this.hasEnded = true));
    });
    this.request.on('error', () => (this.hasEnded = true));
  }

  /** Without the lines that every new stream begins with, and what it says to be kept open. */
  get events(): string {
    return this.text.replace(/^retry: \d+\n\n/, '').replaceAll(/^:\n\n/gm, '');
  }

  get isOpen(): boolean {
    return this.response?.statusCode === 200 && !this.hasEnded;
  }

  close(): void {
    this.request.destroy();
  }
}
