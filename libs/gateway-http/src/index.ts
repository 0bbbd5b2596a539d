export { configureHttp } from './configure-http.js';
export type { HttpConfig } from './http.config.js';
export { HttpGatewayModule } from './http.module.js';
