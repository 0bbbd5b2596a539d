import { describe, expect, it } from '@jest/globals';
import { jsonProtocol } from './json-protocol.js';
import { messagePackProtocol } from './messagepack-protocol.js';
import { encodeArgument, HOLE, prepareInvocation } from './prepared-invocation.js';

describe.each([
  ['json', jsonProtocol],
  ['messagepack', messagePackProtocol],
])('prepareInvocation for %s', (_name, protocol) => {
  it.each([
    ['in the middle', ['g1', HOLE, null]],
    ['first', [HOLE, { a: 1 }]],
    ['last', ['g1', HOLE]],
    ['alone', [HOLE]],
    ['among many', [...Array.from({ length: 19 }, (_, index) => index), HOLE]],
  ])('writes what the protocol writes, with the hole %s', (_place, args) => {
    const prepared = prepareInvocation(protocol, 'ReceiveEvent', args);
    for (const value of [
      '',
      'c1',
      'ü"\u001e',
      'x'.repeat(200),
      'y'.repeat(70_000),
      null,
      undefined,
      { n: [1] },
    ]) {
      const whole = args.map((arg) => (arg === HOLE ? value : arg));
      expect(prepared(encodeArgument(protocol, value))).toEqual(
        protocol.write({ type: 'invocation', target: 'ReceiveEvent', args: whole }),
      );
    }
  });

  it('refuses arguments without a hole or with two', () => {
    expect(() => prepareInvocation(protocol, 'T', ['a'])).toThrow(TypeError);
    expect(() => prepareInvocation(protocol, 'T', [HOLE, HOLE])).toThrow(TypeError);
  });

  it('refuses an argument that is encoded for the other protocol', () => {
    const other = protocol === jsonProtocol ? messagePackProtocol : jsonProtocol;
    const prepared = prepareInvocation(protocol, 'T', [HOLE]);
    expect(() => prepared(encodeArgument(other, 'c'))).toThrow(TypeError);
  });
});
