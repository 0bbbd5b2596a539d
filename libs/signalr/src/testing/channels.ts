import { once } from 'node:events';
import type { Bench } from '../transports/testing/bench.js';

/** One way of a raw client to a server and back, whichever transport it takes. */
export interface Channel {
  /** Resolves once the server has taken it, or does not any more. */
  send(bytes: Buffer): Promise<void>;
  /** What has come back so far, without the transport's own. */
  received(): Buffer;
  readonly isEnded: boolean;
  /** Goes without a word. */
  drop(): void;
}

/** How a raw client may come. */
export type Way = 'text frames' | 'binary frames' | 'Server-Sent Events' | 'long polling';

export function openChannel(bench: Bench, way: Way): Promise<Channel> {
  if (way === 'Server-Sent Events') return openStream(bench);
  return way === 'long polling' ? openPolls(bench) : openSocket(bench, way === 'binary frames');
}

async function openSocket(bench: Bench, binary: boolean): Promise<Channel> {
  const socket = await bench.open('/hub');
  const chunks: Buffer[] = [];
  let code: number | undefined;
  socket.on('message', (data: Buffer) => chunks.push(data));
  socket.on('close', (closedWith) => (code = closedWith));
  return {
    send: async (bytes) => {
      if (socket.readyState === socket.OPEN) socket.send(bytes, { binary });
    },
    received: () => Buffer.concat(chunks),
    get isEnded() {
      if (code !== undefined && code !== 1000) throw new Error(`The socket was closed with ${code}.`);
      return code === 1000;
    },
    drop: () => socket.terminate(),
  };
}

async function post(bench: Bench, target: string, body: Buffer): Promise<void> {
  const { status } = await bench.ask('POST', target, {}, body);
  if (status !== 200 && status !== 404) throw new Error(`A POST was answered ${status}.`);
}

async function openStream(bench: Bench): Promise<Channel> {
  const target = `/hub?id=${await bench.token()}`;
  const raw = await bench.raw(`GET ${target} HTTP/1.0\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`);
  await once(raw.socket, 'data');
  return {
    send: (bytes) => post(bench, target, bytes),
    received: () =>
      Buffer.from([...raw.text.matchAll(/data: (.*)\r\n/g)].map(([, data]) => data).join(''), 'latin1'),
    get isEnded() {
      return raw.ended;
    },
    drop: () => raw.socket.destroy(),
  };
}

async function openPolls(bench: Bench): Promise<Channel> {
  const target = `/hub?id=${await bench.token()}`;
  await bench.ask('GET', target);
  const chunks: Buffer[] = [];
  let isEnded = false;
  const poll = async (): Promise<void> => {
    while (!isEnded) {
      const { status, body } = await bench.ask('GET', target);
      chunks.push(Buffer.from(body, 'latin1'));
      isEnded = status !== 200;
    }
  };
  const polling = poll();
  return {
    send: (bytes) => post(bench, target, bytes),
    received: () => Buffer.concat(chunks),
    get isEnded() {
      return isEnded;
    },
    drop: () => {
      bench
        .ask('DELETE', target)
        .then(
          () => polling,
          () => polling,
        )
        .catch(() => undefined);
    },
  };
}
