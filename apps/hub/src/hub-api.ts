import { DocumentBuilder } from '@nestjs/swagger';

const DESCRIPTION =
  'Trigger events, and see and mend what the cluster holds. Every error is application/problem+json; decide by its `code`.';

/** What `/docs` says of the HTTP API of a node as a whole. */
export const HUB_API = new DocumentBuilder()
  .setTitle('Ringback')
  .setDescription(DESCRIPTION)
  .setVersion('v1')
  .addServer('./', 'This node, below whatever path it is served.')
  .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'token')
  .addApiKey({ type: 'apiKey', in: 'query', name: 'access_token' }, 'queryToken')
  .addSecurityRequirements('token')
  .addSecurityRequirements('queryToken')
  .addTag('trigger', 'Fire an event.')
  .addTag('operate', 'For operators.')
  .build();
