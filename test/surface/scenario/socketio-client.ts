import { binaryText, overLongPolling, overWebSocket, type EngineTransport } from '../wire/engineio.js';
import type { CommandClient, Credentials, Dialect } from './command-client.js';
import { Conversation, type Spoken } from './conversation.js';

const PATH = '/socket.io/';
const TRANSPORTS: Readonly<Record<string, EngineTransport>> = {
  websocket: overWebSocket,
  polling: overLongPolling,
};

/** Socket.IO over each transport of Engine.IO. */
export const SOCKETIO_DIALECTS: readonly Dialect[] = Object.entries(TRANSPORTS).map(([name, open]) => ({
  name: `socketio-${name}`,
  connect: (url, credentials) => SocketIoClient.connect(url, open, credentials),
}));

/** A client of Socket.IO that writes its packets itself. */
class SocketIoClient implements CommandClient {
  readonly hasProtocolNotices = true;
  private lastId = 0;

  private constructor(
    readonly conversation: Conversation,
    readonly connectionId: string,
  ) {}

  static async connect(
    url: string,
    open: EngineTransport,
    credentials?: Credentials,
  ): Promise<SocketIoClient> {
    const conversation = new Conversation(await open({ url, path: PATH }));
    await conversation.receive('open');
    const connect = `40${credentials ? JSON.stringify(credentials) : ''}`;
    const [answer = ''] = await conversation.send('connect', [textPacket(connect)]);
    return new SocketIoClient(conversation, /"sid":"([^"]+)"/.exec(answer)?.[1] ?? '');
  }

  async call(step: string, method: string, args: readonly unknown[], further = 0): Promise<string> {
    const packets = packetsOf(method, args, String(++this.lastId));
    return (await this.conversation.send(step, packets, 1 + further)).join('\n');
  }

  callUntil(step: string, method: string, args: readonly unknown[], texts: readonly string[]): Promise<void> {
    return this.conversation.receiveUntil(step, texts, packetsOf(method, args, String(++this.lastId)));
  }

  async notify(step: string, method: string, args: readonly unknown[], messages = 1): Promise<string> {
    return (await this.conversation.send(step, packetsOf(method, args, ''), messages)).join('\n');
  }
}

/** The packet of an event, and those of the bytes that its text refers to. */
function packetsOf(method: string, args: readonly unknown[], id: string): readonly Spoken[] {
  const attachments: Buffer[] = [];
  const refer = (value: unknown): unknown => {
    if (!Buffer.isBuffer(value)) return value;
    return { _placeholder: true, num: attachments.push(value) - 1 };
  };
  const json = JSON.stringify([method, ...args.map(refer)]);
  const type = attachments.length === 0 ? '42' : `45${attachments.length}-`;
  return [
    textPacket(type + id + json),
    ...attachments.map((message) => ({ text: binaryText(message), message })),
  ];
}

function textPacket(text: string): Spoken {
  return { text, message: text };
}
