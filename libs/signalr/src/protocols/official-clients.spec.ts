import { describe, expect, it } from '@jest/globals';
import {
  JsonHubProtocol,
  MessageType,
  NullLogger,
  type HubMessage as ClientMessage,
} from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import type { HubProtocol } from './hub-protocol.js';
import { jsonProtocol } from './json-protocol.js';
import { messagePackProtocol } from './messagepack-protocol.js';
import type { HubMessage } from './messages.js';
import { EVERY_KIND } from './protocol-samples.js';

interface ClientProtocol {
  parse(wire: Uint8Array): ClientMessage[];
  write(message: ClientMessage): Uint8Array;
}

const json = new JsonHubProtocol();
const messagePack = new MessagePackHubProtocol();

const clientJson: ClientProtocol = {
  parse: (wire) => json.parseMessages(Buffer.from(wire).toString(), NullLogger.instance),
  write: (message) => Buffer.from(json.writeMessage(message)),
};

const clientMessagePack: ClientProtocol = {
  parse: (wire) => messagePack.parseMessages(new Uint8Array(wire).buffer, NullLogger.instance),
  write: (message) => new Uint8Array(messagePack.writeMessage(message)),
};

/** What the client sends, and what the server is to read. The client's Completion has no mark for a result that is null. */
const SENT: readonly [ClientMessage, HubMessage][] = [
  [
    { type: MessageType.Invocation, target: 'T', arguments: ['ü', 1], streamIds: [] },
    { type: 'invocation', target: 'T', args: ['ü', 1] },
  ],
  [
    { type: MessageType.Invocation, target: 'T', arguments: [], invocationId: '0', streamIds: ['1'] },
    { type: 'invocation', target: 'T', args: [], invocationId: '0', streamIds: ['1'] },
  ],
  [
    { type: MessageType.Invocation, target: 'T', arguments: [null] } as unknown as ClientMessage, // as it is without streams
    { type: 'invocation', target: 'T', args: [null] },
  ],
  [
    {
      type: MessageType.StreamInvocation,
      target: 'S',
      arguments: [{ a: [1] }],
      invocationId: '2',
      streamIds: [],
    },
    { type: 'stream-invocation', target: 'S', args: [{ a: [1] }], invocationId: '2' },
  ],
  [
    { type: MessageType.StreamItem, invocationId: '1', item: 'x' },
    { type: 'stream-item', invocationId: '1', item: 'x' },
  ],
  [
    { type: MessageType.Completion, invocationId: '1' },
    { type: 'completion', invocationId: '1' },
  ],
  [
    { type: MessageType.Completion, invocationId: '1', error: 'Error: from callback' },
    { type: 'completion', invocationId: '1', error: 'Error: from callback' },
  ],
  [
    { type: MessageType.Completion, invocationId: 's1', result: 42 },
    { type: 'completion', invocationId: 's1', hasResult: true, result: 42 },
  ],
  [
    { type: MessageType.CancelInvocation, invocationId: '2' },
    { type: 'cancel-invocation', invocationId: '2' },
  ],
  [{ type: MessageType.Ping }, { type: 'ping' }],
  [{ type: MessageType.Close }, { type: 'close' }],
  [
    { type: MessageType.Ack, sequenceId: 70_000 },
    { type: 'ack', sequenceId: 70_000 },
  ],
  [
    { type: MessageType.Sequence, sequenceId: 1 },
    { type: 'sequence', sequenceId: 1 },
  ],
];

/** What a server sends that a client reads: no StreamInvocation, no CancelInvocation. */
const FROM_SERVER = EVERY_KIND.filter(
  ({ type }) => !['stream-invocation', 'cancel-invocation'].includes(type),
);

/** What the client is to make of it, by the fields that it looks at. */
function asClient(message: HubMessage): Readonly<Record<string, unknown>> {
  switch (message.type) {
    case 'invocation': {
      const { target, args, invocationId } = message;
      return { type: MessageType.Invocation, target, arguments: args, ...(invocationId && { invocationId }) };
    }
    case 'stream-item':
      return { type: MessageType.StreamItem, invocationId: message.invocationId, item: message.item };
    case 'completion': {
      const { invocationId, error, result } = message;
      const outcome = { ...(error && { error }), ...(result !== undefined && { result }) };
      return { type: MessageType.Completion, invocationId, ...outcome };
    }
    case 'close': {
      const { error, allowReconnect } = message;
      return { type: MessageType.Close, ...(error && { error }), ...(allowReconnect && { allowReconnect }) };
    }
    case 'ack':
      return { type: MessageType.Ack, sequenceId: message.sequenceId };
    case 'sequence':
      return { type: MessageType.Sequence, sequenceId: message.sequenceId };
    case 'ping':
      return { type: MessageType.Ping };
    default:
      throw new Error(`no client reads ${message.type}`);
  }
}

const PAIRS: readonly [string, HubProtocol, ClientProtocol][] = [
  ['json', jsonProtocol, clientJson],
  ['messagepack', messagePackProtocol, clientMessagePack],
];

describe.each(PAIRS)('%s and the client of @microsoft/signalr', (_name, protocol, client) => {
  it.each(SENT)('reads what the client writes: %j', (sent, message) => {
    expect(protocol.reader(32_768).read(client.write(sent))).toEqual([message]);
  });

  it.each(FROM_SERVER)('writes what the client reads: %j', (message) => {
    const [read] = client.parse(Buffer.from(protocol.write(message)));
    expect(read).toMatchObject(asClient(message));
  });

  it('writes several messages that the client reads out of one frame', () => {
    const wire = Buffer.concat(FROM_SERVER.map((message) => Buffer.from(protocol.write(message))));
    expect(client.parse(wire)).toHaveLength(FROM_SERVER.length);
  });
});
