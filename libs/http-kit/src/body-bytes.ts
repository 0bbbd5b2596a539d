import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { IncomingMessage } from 'node:http';
import type { RequestScope } from './request-scope.js';

/** What bodies are called while Fastify looks for their parser. */
const BYTES = 'application/x-ringback-bytes';

/** The part of a request of Fastify's that is read before its body. */
interface BodyRequest {
  readonly raw: IncomingMessage;
  readonly headers: IncomingMessage['headers'];
}

/** All bodies arrive as bytes. Fastify's own parsers would decide by content type before a controller has seen the request. */
export function readBodiesAsBytes(app: NestFastifyApplication, bodyLimit: number): void {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit });
}

/**
 * Only those of the requests in scope; all others keep the parsers of the application. Fastify picks a parser by content type alone, so the type of such a
 * request is another until its body has been read.
 */
export function readScopedBodiesAsBytes(
  app: NestFastifyApplication,
  bodyLimit: number,
  isInScope: RequestScope,
): void {
  const server = app.getHttpAdapter().getInstance();
  const types = new WeakMap<IncomingMessage, string | undefined>();
  server.addHook('onRequest', (request: BodyRequest, _reply, done) => {
    const { raw, headers } = request;
    if (isInScope(raw.url ?? '') && mayHaveParser(headers)) {
      types.set(raw, headers['content-type']);
      headers['content-type'] = BYTES;
    }
    done();
  });
  const options = { parseAs: 'buffer', bodyLimit } as const;
  server.addContentTypeParser(BYTES, options, ({ raw, headers }: BodyRequest, body, done) => {
    const type = types.get(raw);
    if (type === undefined) delete headers['content-type'];
    else headers['content-type'] = type;
    done(null, body);
  });
}

/** A request without a body needs none, and one whose type is no media type is to be refused. */
function mayHaveParser(headers: IncomingMessage['headers']): boolean {
  const { 'content-type': type, 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return type === undefined ? length !== '0' || encoding !== undefined : /^[^/\s]+\/[^/\s]/.test(type);
}
