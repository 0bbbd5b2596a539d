import type { Frame } from '@ringback/core';

/** First byte of a text frame that is a whole message (RFC 6455 §5.2). Servers do not mask. */
const FIN_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Headers of frames shorter than this are made once and kept: 4 Ki short texts. */
const KEPT_HEADERS = 4096;
const kept: string[] = [];

/** The header that a server puts before a text message of so many bytes, one character a byte. */
export function textFrameHeader(bytes: number): Frame {
  if (bytes >= KEPT_HEADERS) return makeHeader(bytes);
  return (kept[bytes] ??= makeHeader(bytes));
}

/** Messages as the bytes of consecutive WebSocket text frames, to be written at once. */
export function textFrames(messages: readonly Frame[]): Frame {
  let frames = '';
  for (const message of messages) frames += textFrameHeader(message.length) + message;
  return frames;
}

function makeHeader(bytes: number): Frame {
  if (bytes < LENGTH_16) return String.fromCharCode(FIN_TEXT, bytes);
  if (bytes < 0x10000) return String.fromCharCode(FIN_TEXT, LENGTH_16, bytes >>> 8, bytes & 0xff);
  const header = Buffer.alloc(10);
  header.set([FIN_TEXT, LENGTH_64]);
  header.writeBigUInt64BE(BigInt(bytes), 2);
  return header.toString('latin1');
}
