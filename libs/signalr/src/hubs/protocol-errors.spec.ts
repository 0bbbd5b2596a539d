import { encode } from '@msgpack/msgpack';
import { describe, expect, it } from '@jest/globals';
import { RawClient } from './testing/raw-client.js';
import { framed, rawJson, rawMessagePack, type RawProtocol } from './testing/raw-protocols.js';
import { settle, testServer } from './testing/test-server.js';

const json = (text: string): Buffer => Buffer.from(`${text}\u001e`);
const pack = (...elements: unknown[]): Buffer => framed(Buffer.from(encode(elements)));
const limit =
  'The maximum message size of 32768B was exceeded. The message size can be configured in AddHubOptions.';

const rows: readonly (readonly [RawProtocol, string, Buffer, string])[] = [
  [rawJson, 'what is not JSON', json('{"type":1'), 'Error reading JSON.'],
  [rawJson, 'nothing', json(''), 'Error reading JSON.'],
  [rawJson, 'no type', json('{}'), "Missing required property 'type'."],
  [rawJson, 'a type that is text', json('{"type":"1"}'), "Expected 'type' to be of type Number."],
  [rawJson, 'no target', json('{"type":1,"arguments":[]}'), "Missing required property 'target'."],
  [rawJson, 'no arguments', json('{"type":1,"target":"T"}'), "Missing required property 'arguments'."],
  [
    rawJson,
    'an invocation id that is null',
    json('{"type":1,"target":"T","arguments":[],"invocationId":null}'),
    "Expected 'invocationId' to be of type String.",
  ],
  [rawJson, 'no invocation id', json('{"type":5}'), "Missing required property 'invocationId'."],
  [rawJson, 'no item', json('{"type":2,"invocationId":"1"}'), "Missing required property 'item'."],
  [rawJson, 'no sequence id', json('{"type":8}'), "Missing required property 'sequenceId'."],
  [
    rawJson,
    'a result and an error',
    json('{"type":3,"invocationId":"1","result":1,"error":"e"}'),
    "The 'error' and 'result' properties are mutually exclusive.",
  ],
  [rawJson, 'too long a message', json(`"${'x'.repeat(32_768)}"`), limit],
  [rawMessagePack, 'nothing', Buffer.of(0), 'Error reading MessagePack.'],
  [rawMessagePack, 'what is cut off', Buffer.of(2, 0x92, 6), 'Error reading MessagePack.'],
  [
    rawMessagePack,
    'no array',
    framed(Buffer.from(encode('x'))),
    "Reading array length for 'message' failed.",
  ],
  [rawMessagePack, 'a type that is text', pack('1'), "Reading 'messageType' as Int32 failed."],
  [rawMessagePack, 'no target', pack(1, {}, null, null, []), 'Null or empty target for Invocation message.'],
  [rawMessagePack, 'no arguments', pack(1, {}, null, 'T'), "Reading array length for 'arguments' failed."],
  [rawMessagePack, 'no headers', pack(5, null, '1'), "Reading map length for 'headers' failed."],
  [
    rawMessagePack,
    'no invocation id',
    pack(5, {}, null),
    'Null or empty invocation ID for CancelInvocation message.',
  ],
  [rawMessagePack, 'no item', pack(2, {}, '1'), "Deserializing object of the 'item' failed."],
  [rawMessagePack, 'no sequence id', pack(8), "Reading 'sequenceId' as Int64 failed."],
  [rawMessagePack, 'an unknown kind of result', pack(3, {}, '1', 4), 'Invalid invocation result kind.'],
  [rawMessagePack, 'too long a message', Buffer.from('80800201', 'hex'), limit],
  [
    rawMessagePack,
    'a length that no message has',
    Buffer.from('ffffffffff', 'hex'),
    'Messages over 2GB in size are not supported.',
  ],
];

const closed = 'Connection closed with an error.';

describe.each([
  ['all there is to tell with detailed errors', true],
  ['no more than that otherwise', false],
] as const)('a message that breaks the protocol ends the connection, with %s', (_, detailedErrors) => {
  const named = rows.map(
    ([protocol, what, bytes, reason]) => [protocol.name, what, bytes, reason, protocol] as const,
  );

  it.each(named)('over %s: %s', async (_name, _what, bytes, reason, protocol) => {
    const { connect } = testServer({ methods: { T: { call: () => 1 } } }, { detailedErrors });
    const [client, other] = [new RawClient(connect(), protocol), new RawClient(connect(), protocol)];
    client.saysBytes(bytes);
    client.says({ type: 1, target: 'T', arguments: [], invocationId: 'late' });
    await settle();
    const error = detailedErrors ? `${closed} InvalidDataException: ${reason}` : closed;
    expect(client.received).toEqual([{ type: 7, error, allowReconnect: true }]);
    expect([client.ended, other.ended]).toEqual([['close'], []]);
  });
});
