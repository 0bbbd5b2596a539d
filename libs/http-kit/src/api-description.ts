import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** An OpenAPI document without its paths: what `DocumentBuilder` makes. */
export type ApiDescription = Omit<OpenAPIObject, 'paths'>;

/** Serves the OpenAPI document of all routes at /docs-json; `DocsPageModule` shows it to people. To be called before `init`. */
export function serveApiDescription(app: NestFastifyApplication, description: ApiDescription): void {
  let created: OpenAPIObject | undefined;
  const document = (): OpenAPIObject => (created ??= SwaggerModule.createDocument(app, description));
  SwaggerModule.setup('docs', app, document, { ui: false, raw: ['json'] });
}
