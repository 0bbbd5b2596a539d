import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Frame {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** A WebSocket that writes and reads frames as they are, for clients that the released JavaScript client is not. */
export class RawSocket {
  readonly frames: Frame[] = [];
  /** The code and the reason of the close frame, once closed. */
  closed: readonly [code: number, reason: string] | undefined;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => void this.frames.push({ data, isBinary }));
    socket.on('close', (code, reason) => (this.closed = [code, reason.toString()]));
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawSocket> {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers: { ...headers } });
    const raw = new RawSocket(socket);
    await once(socket, 'open');
    return raw;
  }

  /** Text as a text frame, bytes as a binary one. */
  send(data: string | Uint8Array): void {
    this.socket.send(data);
  }

  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  terminate(): void {
    this.socket.terminate();
  }

  /** Resolves with all frames as one text once that holds `text`. */
  async text(text: string): Promise<string> {
    await waitFor(() => this.received().includes(text), text);
    return this.received().toString();
  }

  /** Resolves with all bytes, in hex, once they end like that. */
  async hex(end: string): Promise<string> {
    await waitFor(() => this.received().toString('hex').endsWith(end), end);
    return this.received().toString('hex');
  }

  /** Resolves with all bytes once there are so many. */
  async bytes(count: number): Promise<Buffer> {
    await waitFor(() => this.received().length >= count, `${count} bytes`);
    return this.received();
  }

  async end(): Promise<readonly [code: number, reason: string]> {
    await waitFor(() => this.closed !== undefined, 'the end of the socket');
    return this.closed ?? [0, ''];
  }

  private received(): Buffer {
    return Buffer.concat(this.frames.map(({ data }) => data));
  }
}
