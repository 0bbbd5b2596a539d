import { describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { ProtocolError } from './hub-protocol.js';
import { messagePackProtocol } from './messagepack-protocol.js';
import type { HubMessage } from './messages.js';
import { bytesOf, EVERY_KIND, readChunks, wireOf } from './protocol-samples.js';

const max = 32_768;
const malformed = 'Error reading MessagePack.';

function framed(body: Uint8Array): Uint8Array {
  const prefix = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Uint8Array.of(...prefix, ...body);
}

function read(hexOrBody: string | readonly unknown[]): readonly HubMessage[] {
  const wire = typeof hexOrBody === 'string' ? bytesOf(hexOrBody) : framed(encode(hexOrBody));
  return messagePackProtocol.reader(max).read(wire);
}

/** An invocation with one argument, a list in a list in a list. */
function nested(depth: number): Uint8Array {
  return Uint8Array.of(0x95, 1, 0x80, 0xc0, 0xa1, 0x54, 0x91, ...new Uint8Array(depth - 1).fill(0x91), 0x90);
}

describe('messagePackProtocol', () => {
  it.each([
    [
      { type: 'invocation', target: 'ReceiveEvent', args: ['g1', 'c1', null] },
      '1A 96 01 80 C0 AC 52 65 63 65 69 76 65 45 76 65 6E 74 93 A2 67 31 A2 63 31 C0 90',
    ],
    [{ type: 'completion', invocationId: '0' }, '06 94 03 80 A1 30 02'],
    [{ type: 'completion', invocationId: '0', hasResult: true, result: null }, '07 95 03 80 A1 30 03 C0'],
    [{ type: 'completion', invocationId: '0', error: 'no' }, '09 95 03 80 A1 30 01 A2 6E 6F'],
    [{ type: 'close' }, '04 93 07 C0 C2'],
    [{ type: 'close', allowReconnect: true }, '04 93 07 C0 C3'],
    [{ type: 'ping' }, '02 91 06'],
    [{ type: 'ack', sequenceId: 5 }, '03 92 08 05'],
    [{ type: 'sequence', sequenceId: 300 }, '05 92 09 CD 01 2C'],
    [
      { type: 'stream-invocation', invocationId: '1', target: 'T', args: [], streamIds: ['2'] },
      '0B 96 04 80 A1 31 A1 54 90 91 A1 32',
    ],
    [{ type: 'stream-item', invocationId: '1', item: true }, '06 94 02 80 A1 31 C3'],
    [{ type: 'cancel-invocation', invocationId: '1' }, '05 93 05 80 A1 31'],
  ] satisfies [HubMessage, string][])('writes and reads %j', (message: HubMessage, hex: string) => {
    expect(Buffer.from(messagePackProtocol.write(message))).toEqual(Buffer.from(bytesOf(hex)));
    expect(read(hex)).toEqual([message]);
  });

  it('reads back every kind of message that it writes', () => {
    const wire = wireOf(messagePackProtocol, EVERY_KIND);
    expect(messagePackProtocol.reader(max).read(wire)).toEqual(EVERY_KIND);
  });

  it('reads the same messages wherever the bytes are cut', () => {
    const wire = wireOf(messagePackProtocol, EVERY_KIND);
    for (let cut = 0; cut <= wire.length; cut += 1) {
      const chunks = [wire.subarray(0, cut), wire.subarray(cut)];
      expect(readChunks(messagePackProtocol.reader(max), chunks)).toEqual(EVERY_KIND);
    }
  });

  it('reads bytes that come one by one', () => {
    const chunks = Array.from(wireOf(messagePackProtocol, EVERY_KIND), (byte) => Uint8Array.of(byte));
    expect(readChunks(messagePackProtocol.reader(max), chunks)).toEqual(EVERY_KIND);
  });

  it.each([300, 32_768])('frames a body of %i bytes with the prefix of the reference', (bodyBytes) => {
    const item = 'x'.repeat(bodyBytes - (bodyBytes < 0x100 + 7 ? 7 : 8));
    const wire = messagePackProtocol.write({ type: 'stream-item', invocationId: '1', item });
    const prefix = bodyBytes === 300 ? [0xac, 0x02] : [0x80, 0x80, 0x02];
    expect([...Buffer.from(wire)].slice(0, prefix.length)).toEqual(prefix);
    expect(wire).toHaveLength(bodyBytes + prefix.length);
    const messages = messagePackProtocol.reader(40_000).read(Buffer.from(wire));
    expect(messages).toEqual([{ type: 'stream-item', invocationId: '1', item }]);
  });

  it.each<[readonly unknown[] | string, HubMessage]>([
    [[1, {}, null, 'T', [1]], { type: 'invocation', target: 'T', args: [1] }],
    [[1, { h: 'v' }, '', 'T', [], []], { type: 'invocation', target: 'T', args: [] }],
    [[1, {}, '0', 'T', [], [], 'tail'], { type: 'invocation', invocationId: '0', target: 'T', args: [] }],
    [[3, {}, '0', 3, { a: 1 }, 'tail'], { type: 'completion', invocationId: '0', hasResult: true, result: { a: 1 } }], // prettier-ignore
    [[3, {}, '0', 1, ''], { type: 'completion', invocationId: '0' }],
    [[6, 'tail'], { type: 'ping' }],
    [[7, null], { type: 'close' }],
    [[7, 'e', true, 'tail'], { type: 'close', error: 'e', allowReconnect: true }],
    ['03 92 08 05', { type: 'ack', sequenceId: 5 }],
    ['04 92 08 CC 05', { type: 'ack', sequenceId: 5 }],
    ['05 92 08 CD 00 05', { type: 'ack', sequenceId: 5 }],
    ['07 92 08 CE 00 00 00 05', { type: 'ack', sequenceId: 5 }],
    ['0B 92 08 CF 00 00 00 00 00 00 00 05', { type: 'ack', sequenceId: 5 }],
    ['0B 92 09 D3 00 00 00 00 00 00 00 05', { type: 'sequence', sequenceId: 5 }],
    ['06 91 D2 00 00 00 06', { type: 'ping' }],
    ['82 00 91 06', { type: 'ping' }], // a prefix longer than need be
  ])('reads %j', (body, message) => {
    expect(read(body)).toEqual([message]);
  });

  it('leaves out types that it does not know', () => {
    const wire = Buffer.concat([
      framed(encode([99, 'x', { y: [] }])),
      bytesOf('02 91 06'),
      framed(encode([-1])),
    ]);
    expect(messagePackProtocol.reader(max).read(wire)).toEqual([{ type: 'ping' }]);
  });

  it('answers binary arguments that do not change when the transport writes over its bytes', () => {
    const wire = framed(encode([2, {}, '1', Uint8Array.of(1, 2, 3)]));
    const [message] = messagePackProtocol.reader(max).read(wire);
    wire.fill(0);
    expect(message).toEqual({ type: 'stream-item', invocationId: '1', item: Uint8Array.of(1, 2, 3) });
  });

  it('reads dates, and arguments nested up to the limit', () => {
    expect(read([2, {}, '1', new Date(1000)])).toEqual([
      { type: 'stream-item', invocationId: '1', item: new Date(1000) },
    ]);
    expect(messagePackProtocol.reader(max).read(framed(nested(62)))).toHaveLength(1);
    expect(() => messagePackProtocol.reader(max).read(framed(nested(63)))).toThrow(
      new ProtocolError(malformed),
    );
  });

  it.each<[readonly unknown[] | string, string]>([
    ['00', malformed],
    ['01 C1', malformed],
    ['01 06', "Reading array length for 'message' failed."],
    ['02 91 A1', malformed], // string cut off
    ['03 91 06 06', malformed], // goes on after its end
    ['05 DD FF FF FF FF', malformed], // four thousand million elements
    ['05 DF FF FF FF FF', malformed],
    ['05 C6 FF FF FF FF', malformed],
    ['05 DB FF FF FF FF', malformed],
    ['04 DD FF FF FF', malformed], // length cut off
    ['06 91 DE 40 00 C0 C0', malformed],
    ['05 92 02 81 90 C0', malformed], // a list as a key
    ['05 92 06 C7 00 FF', malformed], // a timestamp of no length
    ['01 90', "Reading 'messageType' as Int32 failed."],
    [['1'], "Reading 'messageType' as Int32 failed."],
    [[1.5], "Reading 'messageType' as Int32 failed."],
    [[1], "Reading map length for 'headers' failed."],
    [[1, null, null, 'T', []], "Reading map length for 'headers' failed."],
    [[1, [], null, 'T', []], "Reading map length for 'headers' failed."],
    [[1, {}, 5, 'T', []], "Reading 'invocationId' as String failed."],
    [[1, {}, null, 5, []], "Reading 'target' as String failed."],
    [[1, {}, null, '', []], 'Null or empty target for Invocation message.'],
    [[1, {}, null, null, []], 'Null or empty target for Invocation message.'],
    [[1, {}, null, 'T'], "Reading array length for 'arguments' failed."],
    [[1, {}, null, 'T', {}], "Reading array length for 'arguments' failed."],
    [[1, {}, null, 'T', [], null], "Reading array length for 'streamIds' failed."],
    [[1, {}, null, 'T', [], ['']], 'Null or empty value in streamIds received.'],
    [[1, {}, null, 'T', [], [1]], "Reading 'streamIds' as String failed."],
    [[4, {}, null, 'T', []], 'Null or empty invocation ID for StreamInvocation message.'],
    [[4, {}, '1', '', []], 'Null or empty target for StreamInvocation message.'],
    [[2, {}, '', 1], 'Null or empty invocation ID for StreamItem message.'],
    [[2, {}, '1'], "Deserializing object of the 'item' failed."],
    [[3, {}, null, 2], 'Null or empty invocation ID for Completion message.'],
    [[3, {}, '1'], "Reading 'resultKind' as Int32 failed."],
    [[3, {}, '1', 4], 'Invalid invocation result kind.'],
    [[3, {}, '1', 1], "Reading 'error' as String failed."],
    [[3, {}, '1', 3], "Deserializing object of the 'argument' failed."],
    [[5, {}], "Reading 'invocationId' as String failed."],
    [[5, {}, ''], 'Null or empty invocation ID for CancelInvocation message.'],
    [[7], "Reading 'error' as String failed."],
    [[7, 5], "Reading 'error' as String failed."],
    [[7, null, null], "Reading 'allowReconnect' as Boolean failed."],
    [[8], "Reading 'sequenceId' as Int64 failed."],
    [[9, -1], "Reading 'sequenceId' as Int64 failed."],
    ['80 80 80 80 08', 'Messages over 2GB in size are not supported.'],
    ['FF FF FF FF FF', 'Messages over 2GB in size are not supported.'],
  ])('refuses %j', (body, reason) => {
    expect(() => read(body)).toThrow(new ProtocolError(reason));
  });

  it('reads messages up to the limit, the prefix included, and refuses longer ones by their prefix alone', () => {
    const tooLong = 'The maximum message size of 300B was exceeded.';
    expect(messagePackProtocol.reader(3).read(bytesOf('02 91 06 02 91 06'))).toHaveLength(2);
    expect(() => messagePackProtocol.reader(2).read(bytesOf('02 91 06'))).toThrow(ProtocolError);
    expect(messagePackProtocol.reader(300).read(bytesOf('AA 02'))).toEqual([]);
    expect(() => messagePackProtocol.reader(300).read(bytesOf('AB 02'))).toThrow(tooLong);
    expect(() => messagePackProtocol.reader(300).read(bytesOf('FF FF FF FF 07'))).toThrow(tooLong);
  });

  it('leaves out fields that are undefined, as JSON does', () => {
    const wire = messagePackProtocol.write({
      type: 'stream-item',
      invocationId: '1',
      item: { a: undefined },
    });
    expect(Buffer.from(wire)).toEqual(Buffer.from(bytesOf('06 94 02 80 A1 31 80')));
  });
});
