import { socketIoTransport, type SocketIoOptions } from '../transports/socketio.transport.js';
import type { Link, LinkListener, Transport } from '../transports/transport.js';

/** Socket.IO with links that break, and can be had again, when a test says so. */
export class CutTransport implements Transport {
  private readonly inner: Transport;
  private last: { readonly link: Link; readonly listener: LinkListener } | undefined;
  private away = false;

  constructor(options: SocketIoOptions) {
    this.inner = socketIoTransport(options);
  }

  open(listener: LinkListener, timeoutMs: number): Link {
    const link = this.inner.open(listener, timeoutMs);
    this.last = { link, listener };
    if (this.away) queueMicrotask(() => this.break());
    return link;
  }

  /** Nothing comes through until `mend`. */
  cut(): void {
    this.away = true;
    this.break();
  }

  mend(): void {
    this.away = false;
  }

  private break(): void {
    this.last?.link.close();
    this.last?.listener.onClosed({ name: 'closed', message: 'Cut.', final: false });
  }
}
