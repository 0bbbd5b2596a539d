import type { Socket } from 'node:net';
import { TcpProxy } from './tcp-proxy.js';

/** The head of a request as it came over the wire. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** By names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
}

const HEAD_END = '\r\n\r\n';

/** A hop before a proxy that changes nothing and notes each request. Bodies are not understood: it is for clients that only ask. */
export class RequestRecorder {
  readonly requests: RecordedRequest[] = [];

  private constructor(private readonly proxy: TcpProxy) {}

  static async start(target: string): Promise<RequestRecorder> {
    const recorder = new RequestRecorder(await TcpProxy.start(target, (client) => recorder.follow(client)));
    return recorder;
  }

  get port(): number {
    return Number(new URL(this.proxy.url).port);
  }

  /** Ends every connection without a word. */
  cut(): void {
    this.proxy.cut();
  }

  close(): Promise<void> {
    return this.proxy.close();
  }

  private follow(client: Socket): void {
    let rest = '';
    client.on('data', (bytes) => {
      const heads = (rest + bytes.toString('latin1')).split(HEAD_END);
      rest = heads.pop() ?? '';
      for (const head of heads) this.requests.push(read(head));
    });
  }
}

function read(head: string): RecordedRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
  });
  return { method, path, headers: new Map(headers) };
}
