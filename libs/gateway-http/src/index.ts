import { defineProtocol } from '@ringback/gateway-kit';
import { HttpGatewayModule } from './http.module.js';

export { HttpGatewayModule } from './http.module.js';

/** Triggers over HTTP; its paths are the framework's own. */
export const httpProtocol = defineProtocol({
  name: 'http',
  settings: {},
  reservedPaths: () => [],
  module: () => ({ module: HttpGatewayModule }),
});
