import type { HubProtocol, MessageReader } from './hub-protocol.js';
import type { HubMessage } from './messages.js';

/** Bytes as they stand in the reference: `bytesOf('02 91 06')`. For specs. */
export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** The bytes that a transport would carry. For specs. */
export function wireOf(protocol: HubProtocol, messages: readonly HubMessage[]): Uint8Array {
  return new Uint8Array(Buffer.concat(messages.map((message) => Buffer.from(protocol.write(message)))));
}

/** Reads chunk after chunk. For specs. */
export function readChunks(reader: MessageReader, chunks: readonly Uint8Array[]): readonly HubMessage[] {
  return chunks.flatMap((chunk) => [...reader.read(chunk)]);
}

/** One of every kind, with every optional part present and absent, and text beyond one byte. For specs. */
export const EVERY_KIND: readonly HubMessage[] = [
  { type: 'invocation', target: 'ReceiveEvent', args: ['g1', 'Größe ☃ 😀', null] },
  { type: 'invocation', invocationId: '7', target: 'Add', args: [1, -2.5, true], streamIds: ['8', '9'] },
  { type: 'invocation', target: 'Deep', args: [{ list: [[[]], {}], text: 'x'.repeat(300) }] },
  { type: 'stream-invocation', invocationId: 'a', target: 'Count', args: [] },
  { type: 'stream-invocation', invocationId: 'b', target: 'Count', args: [10], streamIds: ['c'] },
  { type: 'stream-item', invocationId: 'a', item: { n: 1 } },
  { type: 'stream-item', invocationId: 'a', item: null },
  { type: 'completion', invocationId: 'a' },
  { type: 'completion', invocationId: 'a', hasResult: true, result: null },
  { type: 'completion', invocationId: 'a', hasResult: true, result: { sum: 3 } },
  { type: 'completion', invocationId: 'a', error: 'no' },
  { type: 'cancel-invocation', invocationId: 'a' },
  { type: 'ping' },
  { type: 'close' },
  { type: 'close', error: 'Connection closed with an error.', allowReconnect: true },
  { type: 'ack', sequenceId: 5 },
  { type: 'sequence', sequenceId: 5_000_000_000 },
];
