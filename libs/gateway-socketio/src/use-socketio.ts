import type { INestApplication } from '@nestjs/common';
import { RingbackIoAdapter } from './ringback-io.adapter.js';

/** Lets the application serve Socket.IO, the hub's and its own. To be called before the application is initialised. */
export function useSocketIo(app: INestApplication): void {
  app.useWebSocketAdapter(new RingbackIoAdapter(app));
}
