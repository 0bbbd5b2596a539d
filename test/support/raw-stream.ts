import { waitFor } from '@ringback/conformance';
import { connect, type Socket } from 'node:net';
import { readStrictly, type Block } from './strict-stream.js';

export interface RawStreamOptions {
  /** What stands in the head beside its first line and `Host`; written as it is. */
  readonly headers?: Readonly<Record<string, string>>;
}

const HEAD_END = '\r\n\r\n';
const BLOCK_END = '\n\n';
const WITHIN_MS = 20_000;

/** A request for a stream and what is answered, byte for byte: no client in between makes it look better. */
export class RawStream {
  /** What has come and is not in `read` yet. */
  private readonly chunks: Buffer[] = [];
  private readonly read: Block[] = [];
  /** The bytes of what is. */
  private readonly passed: Buffer[] = [];
  private answered = '';
  private hasEnded = false;
  private readonly socket: Socket;

  constructor(url: string, { headers = {} }: RawStreamOptions = {}) {
    const { port, host, pathname, search } = new URL(url);
    const lines = Object.entries({ Host: host, Accept: 'text/event-stream', ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.socket = connect(Number(port), '127.0.0.1');
    this.socket.on('data', (chunk) => this.chunks.push(chunk));
    this.socket.on('error', () => undefined); // it closes, too
    this.socket.on('close', () => (this.hasEnded = true));
    this.socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${head}\r\n`, 'latin1');
  }

  /** Resolves once its head is there, to the status. */
  async status(): Promise<number> {
    await waitFor(() => this.head !== '' || this.hasEnded, 'an answer', WITHIN_MS);
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(this.head)?.[1]);
  }

  /** Empty until it is complete. */
  get head(): string {
    if (this.answered === '') {
      const at = this.pending.indexOf(HEAD_END);
      if (at === -1) return '';
      this.answered = this.pending.toString('latin1', 0, at);
      this.skip(at + HEAD_END.length);
    }
    return this.answered;
  }

  /** What is complete of the stream. Throws where it is not as it is documented. */
  get blocks(): readonly Block[] {
    if (this.head === '') return this.read;
    const end = this.pending.lastIndexOf(BLOCK_END) + BLOCK_END.length;
    if (end >= BLOCK_END.length) {
      const part = this.pending.subarray(0, end);
      this.read.push(...readStrictly(part));
      this.passed.push(part);
      this.skip(end);
    }
    return this.read;
  }

  /** Of its deliveries and other events, in order. */
  get data(): readonly string[] {
    return this.blocks.flatMap(({ data }) => data ?? []);
  }

  /** With what a client would come back. */
  get lastEventId(): string | undefined {
    return this.blocks.findLast(({ id }) => id !== undefined)?.id;
  }

  /** What has come after the head. */
  get body(): string {
    return this.head === '' ? '' : Buffer.concat([...this.passed, this.pending]).toString('utf8');
  }

  /** Waits until it has said from where it goes on: it is subscribed. */
  async reachesId(): Promise<void> {
    await waitFor(() => this.lastEventId !== undefined, 'the first id', WITHIN_MS);
  }

  /** Waits until a delivery with such data has come. */
  async reaches(isLast: (data: string) => boolean): Promise<void> {
    await waitFor(() => this.data.some(isLast), 'the last delivery', WITHIN_MS);
  }

  async ends(): Promise<void> {
    await waitFor(() => this.hasEnded, 'the end of the stream', WITHIN_MS);
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.destroy();
  }

  private get pending(): Buffer {
    if (this.chunks.length > 1) this.chunks.splice(0, Infinity, Buffer.concat(this.chunks));
    return this.chunks[0] ?? Buffer.alloc(0);
  }

  private skip(bytes: number): void {
    this.chunks.splice(0, 1, this.pending.subarray(bytes));
  }
}
