import { HubError, isErrorCode } from '@ringback/contract';
import { describeGateway, waitFor, type ClientDelivery, type GatewayClient } from '@ringback/conformance';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { NdjsonGateway } from './ndjson.gateway.js';
import { AT_ONCE, readLines } from './ndjson.lines.js';

type Capabilities = Parameters<typeof describeGateway>[1]['capabilities'];
type Presences = GatewayClient['presences'];

/** A line as the gateway writes it: a reply, or a call. */
interface Line {
  readonly id?: number;
  readonly ok?: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly method?: string;
  readonly args?: readonly unknown[];
}

/** What a program in any language would write: lines out, lines in. */
class NdjsonClient implements GatewayClient {
  readonly deliveries: ClientDelivery[] = [];
  readonly presences: Presences[number][] = [];
  closed = false;
  closedFor: string | undefined;
  private readonly replies = new Map<number, (line: Line) => void>();
  private lastId = 0;

  constructor(private readonly socket: Socket) {
    readLines(socket, Number.MAX_SAFE_INTEGER, AT_ONCE, (line) => this.onLine(JSON.parse(line) as Line));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.onClose());
  }

  subscribe(eventguid: string, cookie: string, options?: object) {
    return this.call('SubscribeToEvent', eventguid, cookie, ...(options ? [options] : []));
  }

  async unsubscribe(eventguid: string) {
    await this.call('UnsubscribeFromEvent', eventguid);
  }

  trigger(eventguid: string, data?: unknown, options?: object) {
    return this.call(
      'TriggerEvent',
      eventguid,
      ...(data === undefined && !options ? [] : [data]),
      ...(options ? [options] : []),
    );
  }

  async acknowledge(eventguid: string, position: string) {
    await this.call('Acknowledge', eventguid, position);
  }

  async close() {
    this.socket.end();
    await waitFor(() => this.closed, 'the end of the connection');
  }

  destroy() {
    this.socket.resetAndDestroy();
  }

  stall() {
    this.socket.pause();
  }

  sendGarbage() {
    this.socket.write('{"what":\n');
  }

  call(method: string, ...args: readonly unknown[]): Promise<object> {
    const id = ++this.lastId;
    this.socket.write(`${JSON.stringify({ id, method, args })}\n`);
    return new Promise((resolve, reject) => {
      this.replies.set(id, ({ id: _id, ok, code, message, ...reply }) => {
        if (ok) resolve(reply);
        else reject(isErrorCode(code) ? new HubError(code, message) : new Error(message));
      });
    });
  }

  private onClose(): void {
    this.closed = true;
    for (const reply of this.replies.values()) reply({ ok: false, code: 'closed' });
  }

  private onLine(line: Line): void {
    if (line.id !== undefined) {
      this.replies.get(line.id)?.(line);
      this.replies.delete(line.id);
      return;
    }
    const [first, second, data, meta] = line.args ?? [];
    if (line.method === 'ReceiveEvent')
      this.deliveries.push({ eventguid: first, cookie: second, data, ...(meta as object) } as ClientDelivery);
    if (line.method === 'ReceivePresence')
      this.presences.push({ eventguid: first, presence: second } as Presences[number]);
    if (line.method === 'HubClose') this.closedFor = (first as { readonly name: string }).name;
  }
}

const capabilities: Capabilities = {
  positions: true,
  labels: true,
  recovery: true,
  subscribesAnyTime: true,
  cookies: true,
  changesCookie: true,
  unsubscribes: true,
  endsByCookie: false,
  triggers: true,
  triggerOptions: true,
  codes: true,
  named: true,
  receipts: true,
  presence: true,
  untyped: true,
};

describeGateway('NDJSON over TCP', {
  capabilities,
  async serve(hub) {
    const gateway = new NdjsonGateway(hub, 0);
    await gateway.start();
    const sockets: Socket[] = [];
    return {
      async connect(identity = {}) {
        const socket = connect(gateway.boundPort, '127.0.0.1');
        sockets.push(socket);
        await once(socket, 'connect');
        const client = new NdjsonClient(socket);
        await client.call('Connect', identity);
        return client;
      },
      close() {
        gateway.stop();
        for (const socket of sockets) socket.destroy();
        return Promise.resolve();
      },
    };
  },
});
