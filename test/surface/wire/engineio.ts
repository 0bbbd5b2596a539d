import { httpExchange, type HttpAnswer } from './http-exchange.js';
import { MessageQueue } from './message-queue.js';
import { PausablePolling } from './pausable-polling.js';
import { openWebSocket } from './web-socket.js';
import { pathOf, urlOf, type Target, type WireConnection, type WireMessage } from './wire-connection.js';

/** How an Engine.IO client connects. The first packet is that of the opening. */
export type EngineTransport = (target: Target) => Promise<WireConnection>;

/** Between the packets of one payload of long polling. */
const SEPARATOR = '\x1e';
const CLOSE_PACKET = '1';
const SESSION = /^0\{.*"sid":"([^"]+)"/;

/** Each frame is a packet. */
export const overWebSocket: EngineTransport = (target) =>
  openWebSocket(
    urlOf(target, { EIO: '4', transport: 'websocket' }, 'ws'),
    (frame, isBinary) => [isBinary ? binaryText(frame) : frame.toString()],
    target.headers,
  );

export const overLongPolling: EngineTransport = async (target) => {
  const session = new PollingSession(target);
  await session.poll();
  session.polling.resume();
  return session;
};

/** One session of long polling. */
class PollingSession implements WireConnection {
  readonly queue = new MessageQueue();
  readonly polling = new PausablePolling(this.queue, () => this.poll());
  private session: Readonly<Record<string, string>> = {};

  constructor(private readonly target: Target) {}

  /** Resolves to whether the session goes on. */
  async poll(): Promise<boolean> {
    const { status, bytes } = await this.request('GET');
    const text = bytes.toString();
    if (status === 200) for (const packet of text.split(SEPARATOR)) this.receive(packet);
    else this.queue.close(`HTTP ${status} ${text}`);
    return status === 200;
  }

  async send(message: WireMessage): Promise<void> {
    const { status, bytes } = await this.request(
      'POST',
      typeof message === 'string' ? message : binaryText(message),
    );
    if (status !== 200) this.queue.close(`HTTP ${status} ${bytes.toString()}`);
  }

  async close(): Promise<void> {
    this.polling.pause();
    await this.request('POST', CLOSE_PACKET);
  }

  private receive(packet: string): void {
    const sid = SESSION.exec(packet)?.[1];
    if (sid !== undefined) this.session = { sid };
    this.queue.push(packet);
  }

  private request(method: string, body?: string): Promise<HttpAnswer> {
    return httpExchange(this.target.url, {
      method,
      path: pathOf(this.target, { EIO: '4', transport: 'polling', ...this.session }),
      headers: { ...this.target.headers, 'content-type': 'text/plain' },
      ...(body !== undefined && { body }),
    });
  }
}

/** As Engine.IO writes binary packets in text. */
export function binaryText(bytes: Buffer): string {
  return `b${bytes.toString('base64')}`;
}
