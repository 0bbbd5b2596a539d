import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const DESCRIPTION =
  'Trigger events, and see and mend what the cluster holds. Every error is application/problem+json; decide by its `code`.';

/** Serves the OpenAPI description at /docs-json; `DocsPageController` shows it. */
export function serveDocs(app: NestFastifyApplication): void {
  let made: OpenAPIObject | undefined;
  const document = (): OpenAPIObject => (made ??= describeApi(app));
  SwaggerModule.setup('docs', app, document, { ui: false, raw: ['json'] });
}

function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Ringback')
    .setDescription(DESCRIPTION)
    .setVersion('v1')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'token')
    .addApiKey({ type: 'apiKey', in: 'query', name: 'access_token' }, 'queryToken')
    .addSecurityRequirements('token')
    .addSecurityRequirements('queryToken')
    .addTag('trigger', 'Fire an event.')
    .addTag('operate', 'For operators.')
    .build();
  return SwaggerModule.createDocument(app, about);
}
