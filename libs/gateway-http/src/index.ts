export { HttpGatewayModule } from './http.module.js';
