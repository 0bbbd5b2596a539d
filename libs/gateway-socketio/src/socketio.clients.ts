import { Inject, Injectable } from '@nestjs/common';
import { Hub } from '@ringback/core';
import { ConnectionRegistry, HttpRouter } from '@ringback/gateway-kit';
import type { SocketIoConnection } from './socketio.connection.js';
import { GATEWAY } from './socketio.options.js';

/** The Socket.IO clients of this node. */
@Injectable()
export class SocketIoClients extends ConnectionRegistry<SocketIoConnection> {
  constructor(@Inject(Hub) hub: Hub, @Inject(HttpRouter) router: HttpRouter) {
    super(hub, GATEWAY, router.access);
  }
}
