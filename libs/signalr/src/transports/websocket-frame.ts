import type { ByteText, TransferFormat } from '../protocols/hub-protocol.js';

/** First byte of a frame that is a whole message (RFC 6455 §5.2). Servers do not mask. */
const finBytes: Readonly<Record<TransferFormat, number>> = { Text: 0x81, Binary: 0x82 };
const length16 = 126;
const length64 = 127;

/** Headers of messages shorter than this are made once and kept: 4 Ki short texts for each format. */
const keptLengths = 4096;
const kept: Readonly<Record<TransferFormat, ByteText[]>> = { Text: [], Binary: [] };

/** Messages as one WebSocket frame of a server. */
export function frameOf(format: TransferFormat, messages: readonly ByteText[]): ByteText {
  let text = '';
  for (const message of messages) text += message; // unlike `join`, copies nothing
  return frameHeader(format, text.length) + text;
}

/** What a server puts before so many bytes to make them a frame. */
export function frameHeader(format: TransferFormat, bytes: number): ByteText {
  if (bytes >= keptLengths) return makeHeader(finBytes[format], bytes);
  return (kept[format][bytes] ??= makeHeader(finBytes[format], bytes));
}

function makeHeader(fin: number, bytes: number): ByteText {
  if (bytes < length16) return String.fromCharCode(fin, bytes);
  if (bytes < 0x10000) return String.fromCharCode(fin, length16, bytes >>> 8, bytes & 0xff);
  const header = Buffer.alloc(10);
  header.set([fin, length64]);
  header.writeBigUInt64BE(BigInt(bytes), 2);
  return header.toString('latin1');
}
