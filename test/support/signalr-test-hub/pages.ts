import type { SignalRHub } from '@ringback/signalr';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessTokens } from './access-tokens.js';

interface Page {
  readonly status: number;
  readonly body?: string;
  readonly location?: string;
}

const clientResult = /^\/clientresult\/([^/]+)$/i;
const badNegotiate = /^\/bad-negotiate(\/|$)/i;
const echoRedirect = /^\/echoredirect(?=\/|$)/i;

const allowEverything = ({ headers }: IncomingMessage, response: ServerResponse): void => {
  if (headers.origin === undefined) return;
  response.setHeader('Vary', 'Origin');
  response.setHeader('Access-Control-Allow-Origin', headers.origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  const method = headers['access-control-request-method'];
  const names = headers['access-control-request-headers'];
  if (method !== undefined) response.setHeader('Access-Control-Allow-Methods', method);
  if (names !== undefined) response.setHeader('Access-Control-Allow-Headers', names);
};

/** What is asked by plain requests: tokens, client results, and answers that are wrong on purpose. */
export class Pages {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly hub: SignalRHub,
  ) {}

  /** Answers, whatever is asked for. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    allowEverything(request, response);
    const { status, body = '', location } = await this.page(request);
    if (location !== undefined) response.setHeader('Location', location);
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.statusCode = status;
    response.end(body);
  }

  private async page({ method = 'GET', url = '/' }: IncomingMessage): Promise<Page> {
    const [path = '/'] = url.split('?', 1);
    if (method === 'OPTIONS') return { status: 204 };
    if (badNegotiate.test(path)) return { status: 400, body: 'Some response from server' };
    if (echoRedirect.test(path)) return { status: 307, location: url.replace(echoRedirect, '/echo') };
    const asked = clientResult.exec(path)?.[1];
    if (method === 'GET' && asked !== undefined) return { status: 200, body: await this.clientResult(asked) };
    if (method === 'GET' && path.toLowerCase() === '/generatejwttoken')
      return { status: 200, body: await this.tokens.issue() };
    return { status: 404 };
  }

  /** What the client's method `Result` says, or why it says nothing. */
  private async clientResult(connectionId: string): Promise<string> {
    try {
      return String(await this.hub.clients.client(connectionId).invoke('Result'));
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
