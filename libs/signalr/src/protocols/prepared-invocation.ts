import type { HubProtocol, Payload } from './hub-protocol.js';
import { encodeJson, invocationHead, RECORD_SEPARATOR } from './json-writer.js';
import { MESSAGE_TYPES } from './message-types.js';
import { encodeValue, frame } from './messagepack-writer.js';

/** Stands among the arguments of a prepared invocation for the one that differs from receiver to receiver. */
export const HOLE = Symbol('hole');

/** An argument as `encodeArgument` made it, for the protocol it was made for. */
export type EncodedArgument = Payload;

/** Writes the invocation for one receiver: bytes are put together, nothing is encoded. */
export type PreparedInvocation = (argument: EncodedArgument) => Payload;

/** Encodes the argument that goes into the hole: once for each receiver, however many invocations it is written into. */
export function encodeArgument(protocol: HubProtocol, value: unknown): EncodedArgument {
  return protocol.name === 'json' ? encodeJson(value) : encodeValue(value);
}

/**
 * Encodes an invocation that many receive, all but one argument: once for each protocol. `args` holds `HOLE` exactly once. What it answers
 * is byte for byte what `protocol.write` makes of the whole; it throws `TypeError` for an argument encoded for the other protocol.
 */
export function prepareInvocation(
  protocol: HubProtocol,
  target: string,
  args: readonly unknown[],
): PreparedInvocation {
  const hole = args.indexOf(HOLE);
  if (hole < 0 || hole !== args.lastIndexOf(HOLE)) throw new TypeError('There must be exactly one hole.');
  return protocol.name === 'json' ? prepareJson(target, args, hole) : prepareMessagePack(target, args, hole);
}

function prepareJson(target: string, args: readonly unknown[], hole: number): PreparedInvocation {
  const before = args.slice(0, hole).map((value) => `${encodeJson(value)},`);
  const after = args.slice(hole + 1).map((value) => `,${encodeJson(value)}`);
  const head = invocationHead(MESSAGE_TYPES.invocation, target) + before.join('');
  const tail = `${after.join('')}]}${RECORD_SEPARATOR}`;
  return (argument) => {
    if (typeof argument !== 'string') throw new TypeError('The argument is not encoded as JSON.');
    return head + argument + tail;
  };
}

function prepareMessagePack(target: string, args: readonly unknown[], hole: number): PreparedInvocation {
  const head = Buffer.concat([
    Uint8Array.of(0x96, MESSAGE_TYPES.invocation, 0x80, 0xc0), // six elements: type, no headers, no invocation id
    encodeValue(target),
    arrayHead(args.length),
    ...args.slice(0, hole).map(encodeValue),
  ]);
  const tail = Buffer.concat([...args.slice(hole + 1).map(encodeValue), Uint8Array.of(0x90)]); // no stream ids
  return (argument) => {
    if (typeof argument === 'string') throw new TypeError('The argument is not encoded as MessagePack.');
    return frame([head, argument, tail]);
  };
}

function arrayHead(length: number): Uint8Array {
  // What stands before the elements of a list of that many one-byte values.
  return encodeValue(Array.from({ length }, () => 0)).subarray(0, -length);
}
