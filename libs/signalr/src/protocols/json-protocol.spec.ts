import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from './hub-protocol.js';
import { jsonProtocol } from './json-protocol.js';
import type { HubMessage } from './messages.js';
import { EVERY_KIND, readChunks, wireOf } from './protocol-samples.js';

const max = 32_768;

function read(text: string): readonly HubMessage[] {
  return jsonProtocol.reader(max).read(Buffer.from(`${text}\u001e`));
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('jsonProtocol', () => {
  it('reads back every kind of message that it writes', () => {
    expect(jsonProtocol.reader(max).read(wireOf(jsonProtocol, EVERY_KIND))).toEqual(EVERY_KIND);
  });

  it('reads the same messages wherever the bytes are cut', () => {
    const wire = wireOf(jsonProtocol, EVERY_KIND);
    for (let cut = 0; cut <= wire.length; cut += 1) {
      const chunks = [wire.subarray(0, cut), wire.subarray(cut)];
      expect(readChunks(jsonProtocol.reader(max), chunks)).toEqual(EVERY_KIND);
    }
  });

  it('reads bytes that come one by one', () => {
    const wire = wireOf(jsonProtocol, EVERY_KIND);
    const chunks = Array.from(wire, (byte) => Uint8Array.of(byte));
    expect(readChunks(jsonProtocol.reader(max), chunks)).toEqual(EVERY_KIND);
  });

  it('keeps nothing of a chunk that its owner writes over', () => {
    const reader = jsonProtocol.reader(max);
    const chunk = Buffer.from('{"type":1,"target":"x","argum');
    expect(reader.read(chunk)).toEqual([]);
    chunk.fill(0);
    expect(reader.read(Buffer.from('ents":[]}\u001e'))).toEqual([
      { type: 'invocation', target: 'x', args: [] },
    ]);
  });

  it.each([
    [
      '{"target":"T","arguments":[1],"invocationId":"0","type":1}',
      { type: 'invocation', target: 'T', args: [1], invocationId: '0' },
    ],
    [
      '{"type":1,"target":"T","arguments":[],"headers":{"a":"b"},"x":[{}]}',
      { type: 'invocation', target: 'T', args: [] },
    ],
    [
      '{"type":1,"target":"T","arguments":[],"streamIds":[],"invocationId":""}',
      { type: 'invocation', target: 'T', args: [] },
    ],
    ['{"type":2,"invocationId":"1","item":null}', { type: 'stream-item', invocationId: '1', item: null }],
    ['{"type":3,"invocationId":"1"}', { type: 'completion', invocationId: '1' }],
    [
      '{"type":3,"invocationId":"1","result":5,"error":""}',
      { type: 'completion', invocationId: '1', hasResult: true, result: 5 },
    ],
    ['{"type":3,"invocationId":"1","error":""}', { type: 'completion', invocationId: '1' }],
    [' {"type" : 6}\n', { type: 'ping' }],
    ['{"type":7,"allowReconnect":false}', { type: 'close' }],
    [
      `{"type":1,"target":"T","arguments":[${nested(62)}]}`,
      { type: 'invocation', target: 'T', args: [JSON.parse(nested(62))] },
    ],
  ])('reads %s', (text, message) => {
    expect(read(text)).toEqual([message]);
  });

  it('leaves out types that it does not know', () => {
    expect(read('{"type":99,"target":5}\u001e{"type":6}\u001e{"type":-1}')).toEqual([{ type: 'ping' }]);
  });

  it.each([
    ['', 'Error reading JSON.'],
    ['{"type":6', 'Error reading JSON.'],
    ['{"type":6}}', 'Error reading JSON.'],
    ['\uFEFF{"type":6}', 'Error reading JSON.'],
    [`{"type":1,"target":"T","arguments":[${nested(63)}]}`, 'Error reading JSON.'],
    [nested(10_000), "Unexpected JSON Token Type 'Array'. Expected a JSON Object."],
    [`{"a":${nested(16_000)}}`, 'Error reading JSON.'],
    ['{"type":1,"target":"T","arguments":[{"a":[{"__proto__":1}]}]}', 'Error reading JSON.'],
    ['{"type":6,"\\u005f_proto__":1}', 'Error reading JSON.'],
    ['null', "Unexpected JSON Token Type 'Null'. Expected a JSON Object."],
    ['true', "Unexpected JSON Token Type 'True'. Expected a JSON Object."],
    ['"x"', "Unexpected JSON Token Type 'String'. Expected a JSON Object."],
    ['1', "Unexpected JSON Token Type 'Number'. Expected a JSON Object."],
    ['{}', "Missing required property 'type'."],
    ['{"type":null}', "Expected 'type' to be of type Number."],
    ['{"type":"1"}', "Expected 'type' to be of type Number."],
    ['{"type":1.5}', "Expected 'type' to be of type Number."],
    ['{"type":1,"arguments":[]}', "Missing required property 'target'."],
    ['{"type":1,"target":"","arguments":[]}', "Missing required property 'target'."],
    ['{"type":1,"target":null,"arguments":[]}', "Expected 'target' to be of type String."],
    ['{"type":1,"target":"T"}', "Missing required property 'arguments'."],
    ['{"type":1,"target":"T","arguments":{}}', "Expected 'arguments' to be of type Array."],
    ['{"type":1,"target":"T","arguments":null}', "Expected 'arguments' to be of type Array."],
    [
      '{"type":1,"target":"T","arguments":[],"invocationId":null}',
      "Expected 'invocationId' to be of type String.",
    ],
    ['{"type":1,"target":"T","arguments":[],"streamIds":"1"}', "Expected 'streamIds' to be of type Array."],
    ['{"type":1,"target":"T","arguments":[],"streamIds":[1]}', "Expected 'streamIds' to be of type String."],
    ['{"type":4,"target":"T","arguments":[]}', "Missing required property 'invocationId'."],
    ['{"type":2,"item":1}', "Missing required property 'invocationId'."],
    ['{"type":2,"invocationId":"1"}', "Missing required property 'item'."],
    ['{"type":3}', "Missing required property 'invocationId'."],
    ['{"type":3,"invocationId":1}', "Expected 'invocationId' to be of type String."],
    ['{"type":3,"invocationId":"1","error":null}', "Expected 'error' to be of type String."],
    [
      '{"type":3,"invocationId":"1","error":"e","result":null}',
      "The 'error' and 'result' properties are mutually exclusive.",
    ],
    ['{"type":5,"invocationId":""}', "Missing required property 'invocationId'."],
    ['{"type":7,"allowReconnect":null}', "Expected 'allowReconnect' to be true or false."],
    ['{"type":8}', "Missing required property 'sequenceId'."],
    ['{"type":8,"sequenceId":"1"}', "Expected 'sequenceId' to be of type Number."],
    ['{"type":9,"sequenceId":-1}', "Expected 'sequenceId' to be of type Number."],
  ])('refuses %.60s', (text, reason) => {
    expect(() => read(text)).toThrow(new ProtocolError(reason));
  });

  it('refuses bytes that are not UTF-8', () => {
    const bytes = Uint8Array.of(...Buffer.from('{"type":6,"x":"'), 0xff, ...Buffer.from('"}\u001e'));
    expect(() => jsonProtocol.reader(max).read(bytes)).toThrow(new ProtocolError('Error reading JSON.'));
  });

  it('reads messages up to the limit, the separator included, and refuses longer ones before they end', () => {
    const message = '{"type":6}\u001e';
    const tooLong = 'The maximum message size of 10B was exceeded.';
    expect(jsonProtocol.reader(11).read(Buffer.from(message + message))).toHaveLength(2);
    expect(() => jsonProtocol.reader(10).read(Buffer.from(message))).toThrow(tooLong);
    expect(() => jsonProtocol.reader(10).read(Buffer.alloc(10, ' '))).toThrow(tooLong);
    const reader = jsonProtocol.reader(10);
    expect(reader.read(Buffer.alloc(9, ' '))).toEqual([]);
    expect(() => reader.read(Buffer.alloc(1, ' '))).toThrow(ProtocolError);
  });

  it.each([
    [
      { type: 'invocation', target: 'T', args: ['a', null] },
      '{"type":1,"target":"T","arguments":["a",null]}',
    ],
    [
      { type: 'invocation', invocationId: 's1', target: 'T', args: [] },
      '{"type":1,"invocationId":"s1","target":"T","arguments":[]}',
    ],
    [
      { type: 'stream-item', invocationId: '1', item: undefined },
      '{"type":2,"invocationId":"1","item":null}',
    ],
    [
      { type: 'completion', invocationId: '1', hasResult: true },
      '{"type":3,"invocationId":"1","result":null}',
    ],
    [{ type: 'completion', invocationId: '1' }, '{"type":3,"invocationId":"1"}'],
    [{ type: 'completion', invocationId: '1', error: 'e' }, '{"type":3,"invocationId":"1","error":"e"}'],
    [{ type: 'ping' }, '{"type":6}'],
    [{ type: 'close' }, '{"type":7}'],
    [{ type: 'close', allowReconnect: true }, '{"type":7,"allowReconnect":true}'],
    [{ type: 'close', error: 'e', allowReconnect: false }, '{"type":7,"error":"e"}'],
    [{ type: 'sequence', sequenceId: 3 }, '{"type":9,"sequenceId":3}'],
    [
      { type: 'stream-item', invocationId: '1', item: [Buffer.from('hi'), Uint8Array.of(1), new Date(0)] },
      '{"type":2,"invocationId":"1","item":["aGk=","AQ==","1970-01-01T00:00:00.000Z"]}',
    ],
  ] satisfies [HubMessage, string][])('writes %j', (message: HubMessage, text: string) => {
    expect(jsonProtocol.write(message)).toBe(`${text}\u001e`);
  });

  it('writes no separator within a message', () => {
    const text = jsonProtocol.write({ type: 'invocation', target: 'a\u001eb', args: ['\u001e\n'] });
    expect(String(text).indexOf('\u001e')).toBe(text.length - 1);
  });
});
