import { once } from 'node:events';
import { WebSocket } from 'ws';
import { MessageQueue } from './message-queue.js';
import type { WireConnection, WireMessage } from './wire-connection.js';

/** Reads what one frame carries: texts, each a message. */
export type FrameReader = (frame: Buffer, isBinary: boolean) => readonly string[];

/** Opens a WebSocket whose frames the reader takes apart. */
export async function openWebSocket(
  url: string,
  read: FrameReader,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireConnection> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  const queue = new MessageQueue();
  socket.on('message', (frame: Buffer, isBinary) => {
    for (const message of read(frame, isBinary)) queue.push(message);
  });
  socket.on('close', (code, reason) => queue.close(`WebSocket ${code} ${reason.toString()}`.trim()));
  await once(socket, 'open');
  socket.on('error', (error) => queue.close(error.message));
  const send = async (message: WireMessage): Promise<void> => socket.send(message);
  return { queue, send, close: async () => socket.close() };
}
