import { once } from 'node:events';
import { waitFor } from '@ringback/conformance';
import { WebSocket } from 'ws';
import type { SubscribeReply } from '@ringback/contract';

/** A subscriber over a bare WebSocket that hears nothing any more once it has subscribed: it stops reading. */
export class DeafSubscriber {
  private constructor(private readonly socket: WebSocket) {}

  /** Resolves once it has stopped reading, with where each event stood when it subscribed. */
  static async subscribe(
    url: string,
    eventguids: readonly string[],
  ): Promise<{ readonly deaf: DeafSubscriber; readonly positions: readonly string[] }> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const heard: string[] = [];
    socket.on('message', (bytes: Buffer) => heard.push(bytes.toString()));
    socket.on('error', () => undefined); // it is cut by the hub, as it should be
    await once(socket, 'open');
    socket.send('40');
    await waitFor(() => heard.some((message) => message.startsWith('40')), 'the namespace');
    const positions: string[] = [];
    for (const [id, eventguid] of eventguids.entries()) {
      socket.send(`42${id}${JSON.stringify(['SubscribeToEvent', eventguid, 'deaf'])}`);
      const prefix = `43${id}[`;
      const reply = await waitFor(
        () => heard.find((message) => message.startsWith(prefix)) ?? '',
        'the reply',
      );
      positions.push((JSON.parse(reply.slice(prefix.length - 1)) as [SubscribeReply])[0].position);
    }
    socket.pause();
    return { deaf: new DeafSubscriber(socket), positions };
  }

  /** Reads again; resolves once it has come to the end of its connection. */
  async findEnd(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.resume();
    await closed;
  }
}
