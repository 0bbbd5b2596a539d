import { WebSocket } from 'ws';

/** A socket that answers a close frame without a code by 1000, as .NET does: a page that just closes is told that all went well. */
export class ServerSocket extends WebSocket {
  override close(code = 1000, reason?: string | Buffer): void {
    super.close(code, reason);
  }
}
