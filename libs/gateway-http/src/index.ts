export { configureHttp } from './configure-http.js';
export { httpAdapterOptions } from './http.adapter.js';
export type { HttpConfig } from './http.config.js';
export { HttpGatewayModule } from './http.module.js';
