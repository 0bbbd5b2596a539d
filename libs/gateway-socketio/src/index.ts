export type { SocketIoConfig } from './socketio.config.js';
export { SocketIoGatewayModule } from './socketio.module.js';
export { ownerOf } from './socketio.requests.js';
