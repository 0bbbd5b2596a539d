export { answerProblems } from './answer-problems.js';
export { ApiProblems } from './api-problems.decorator.js';
export { configureHttp } from './configure-http.js';
export { DocsPageController } from './docs-page.controller.js';
export { ErrorPageController } from './error-page.controller.js';
export { httpAdapterOptions } from './http.adapter.js';
export type { HttpConfig } from './http.config.js';
export { HttpGatewayModule } from './http.module.js';
