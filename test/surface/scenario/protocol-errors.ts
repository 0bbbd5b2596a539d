import type { Section } from '../document.js';
import { jsonFraming, messagePackFraming, type SignalRFraming } from '../wire/signalr-framing.js';
import { negotiate } from '../wire/signalr-requests.js';
import { overWebSocket as overSignalRSocket } from '../wire/signalr-transports.js';
import { overWebSocket as overEngineSocket } from '../wire/engineio.js';
import { Conversation, type Spoken } from './conversation.js';

/** What a client of Socket.IO may send beside commands, after it has connected. */
const SOCKETIO: Readonly<Record<string, string>> = {
  'disconnect packet': '41',
  'reserved event': '42["disconnect"]',
  'packet of no known type': '49',
  'broken JSON': '42["SubscribeToEvent"',
  'broken Engine.IO packet': 'x',
};

/** What a client of SignalR may open with beside a handshake. */
const HANDSHAKES: Readonly<Record<string, string>> = {
  'handshake for an unknown protocol': '{"protocol":"pigeon","version":1}\x1e',
  'handshake for another version': '{"protocol":"json","version":99}\x1e',
  'handshake that is no JSON': 'hello\x1e',
};

/** What breaks a protocol, and what the hub makes of it. */
export async function recordProtocolErrors(url: string): Promise<Section> {
  const namespace = await socketIo(url);
  await namespace.send('Socket.IO: other namespace', [spoken('40/admin,')]);
  await namespace.connection.close();
  return {
    'other namespace': namespace.steps['Socket.IO: other namespace'] ?? {},
    'Socket.IO': await eachFault(SOCKETIO, () => connectedSocketIo(url)),
    handshakes: await eachFault(HANDSHAKES, () => signalR(url, jsonFraming)),
    [jsonFraming.name]: await eachFault({ garbage: 'garbage\x1e' }, () => openSignalR(url, jsonFraming)),
    [messagePackFraming.name]: await eachFault({ garbage: Buffer.from([3, 0xc1, 0xc1, 0xc1]) }, () =>
      openSignalR(url, messagePackFraming),
    ),
  };
}

/** Commits each fault on a connection of its own, which the hub closes. */
async function eachFault(
  faults: Readonly<Record<string, string | Buffer>>,
  connect: () => Promise<Conversation>,
): Promise<Section> {
  const steps: Record<string, Section> = {};
  for (const [fault, message] of Object.entries(faults)) {
    const conversation = await connect();
    await conversation.end(fault, [spoken(message)]);
    steps[fault] = conversation.steps[fault] ?? {};
  }
  return steps;
}

async function connectedSocketIo(url: string): Promise<Conversation> {
  const conversation = await socketIo(url);
  await conversation.send('connect', [spoken('40')]);
  return conversation;
}

async function openSignalR(url: string, framing: SignalRFraming): Promise<Conversation> {
  const conversation = await signalR(url, framing);
  await conversation.send('handshake', [spoken(`{"protocol":"${framing.name}","version":1}\x1e`)]);
  return conversation;
}

async function socketIo(url: string): Promise<Conversation> {
  const conversation = new Conversation(await overEngineSocket({ url, path: '/socket.io/' }));
  await conversation.receive('open');
  return conversation;
}

async function signalR(url: string, framing: SignalRFraming): Promise<Conversation> {
  const target = { url, path: '/hub' };
  const { bytes } = await negotiate(target);
  const { connectionToken } = JSON.parse(bytes.toString()) as { readonly connectionToken: string };
  return new Conversation(await overSignalRSocket(target, framing, connectionToken));
}

function spoken(message: string | Buffer): Spoken {
  return {
    text: typeof message === 'string' ? message.replace('\x1e', '') : message.toString('hex'),
    message,
  };
}
