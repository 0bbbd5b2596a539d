import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** An OpenAPI document without its paths: what `DocumentBuilder` makes. */
export type ApiDescription = Omit<OpenAPIObject, 'paths'>;

/** What is used of Fastify's. */
interface Reply {
  type(contentType: string): Reply;
  send(body: Buffer): unknown;
}

/** Serves the OpenAPI document of all routes at /docs-json; `DocsPageModule` shows it to people. To be called before `init`. */
export function serveApiDescription(app: NestFastifyApplication, description: ApiDescription): void {
  let written: Buffer | undefined; // once: it is long, and everybody may ask for it again and again
  const write = (): Buffer => Buffer.from(JSON.stringify(SwaggerModule.createDocument(app, description)));
  const serve = (_request: unknown, reply: Reply): unknown =>
    reply.type('application/json').send((written ??= write()));
  app.getHttpAdapter().get('/docs-json', serve);
}
