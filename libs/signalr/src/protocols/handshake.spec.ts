import { describe, expect, it } from '@jest/globals';
import { chooseProtocol, HandshakeReader, writeHandshakeAnswer } from './handshake.js';
import { jsonProtocol } from './json-protocol.js';
import { messagePackProtocol } from './messagepack-protocol.js';

const max = 32_768;
const both = [jsonProtocol, messagePackProtocol];
const unexpected = 'An unexpected error occurred during connection handshake.';

describe('HandshakeReader', () => {
  it('answers the request and keeps what follows, wherever the bytes are cut', () => {
    const head = Buffer.from('{"protocol":"messagepack","version":1}\u001e');
    const wire = Buffer.concat([head, Uint8Array.of(2, 0x91, 6)]);
    for (let cut = 0; cut < head.length; cut += 1) {
      const reader = new HandshakeReader(max);
      expect(reader.read(wire.subarray(0, cut))).toBeUndefined();
      expect(reader.read(wire.subarray(cut))).toEqual({
        request: { protocol: 'messagepack', version: 1 },
        rest: Uint8Array.of(2, 0x91, 6),
      });
    }
  });

  it('skips properties that it does not know', () => {
    const bytes = Buffer.from('{"minorVersion":{},"version":2,"protocol":"json"}\u001e');
    expect(new HandshakeReader(max).read(bytes)).toMatchObject({ request: { protocol: 'json', version: 2 } });
  });

  it.each([
    ['nonsense', 'Error reading JSON.'],
    ['', 'Error reading JSON.'],
    ['[]', "Unexpected JSON Token Type 'Array'. Expected a JSON Object."],
    ['{"version":1}', "Missing required property 'protocol'."],
    ['{"protocol":"json"}', "Missing required property 'version'."],
    ['{"protocol":null,"version":1}', "Expected 'protocol' to be of type String."],
    ['{"protocol":1,"version":1}', "Expected 'protocol' to be of type String."],
    ['{"protocol":"json","version":"1"}', "Expected 'version' to be of type Number."],
    ['{"protocol":"json","version":1.5}', "Expected 'version' to be of type Number."],
  ])('refuses %j', (text, reason) => {
    expect(new HandshakeReader(max).read(Buffer.from(`${text}\u001e`))).toEqual({
      error: unexpected,
      detail: `InvalidDataException: ${reason}`,
    });
  });

  it('gives up on more than the limit without an end', () => {
    const canceled = { error: 'Handshake was canceled.' };
    expect(new HandshakeReader(10).read(Buffer.alloc(9, '{'))).toBeUndefined();
    expect(new HandshakeReader(10).read(Buffer.alloc(10, '{'))).toEqual(canceled);
    const whole = Buffer.from('{"protocol":"json","version":1}\u001e');
    expect(new HandshakeReader(whole.length).read(whole)).toHaveProperty('request');
    expect(new HandshakeReader(whole.length - 1).read(whole)).toEqual(canceled);
  });
});

describe('chooseProtocol', () => {
  it.each([
    ['json', 1, jsonProtocol],
    ['json', 2, jsonProtocol],
    ['JSON', 0, jsonProtocol],
    ['messagepack', 2, messagePackProtocol],
  ])('takes %s %i', (protocol, version, chosen) => {
    expect(chooseProtocol({ protocol, version }, both, ['Text', 'Binary'])).toEqual({ protocol: chosen });
  });

  it.each([
    ['xml', 1, "The protocol 'xml' is not supported."],
    ['json', 3, "The server does not support version 3 of the 'json' protocol."],
    ['messagepack', 3, "The server does not support version 3 of the 'messagepack' protocol."],
    [
      'messagepack',
      1,
      "Cannot use the 'messagepack' protocol on the current transport. The transport does not support 'Binary' transfer format.",
    ],
  ])('refuses %s %i over a text transport', (protocol, version, error) => {
    expect(chooseProtocol({ protocol, version }, both, ['Text'])).toEqual({ error });
  });
});

describe('writeHandshakeAnswer', () => {
  it('writes an empty object or the error, as the format asks', () => {
    expect(writeHandshakeAnswer('Text')).toBe('{}\u001e');
    expect(writeHandshakeAnswer('Text', 'no')).toBe('{"error":"no"}\u001e');
    expect(writeHandshakeAnswer('Binary')).toEqual(Buffer.from('{}\u001e'));
  });
});
