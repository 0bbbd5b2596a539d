import { ProtocolError } from './hub-protocol.js';
import { MAX_DEPTH } from './message-reader.js';

/** What the first byte of a value says about it. `length` counts bytes or children, before what `lengthBytes` more bytes say. */
interface Format {
  readonly kind: 'bytes' | 'array' | 'map' | 'reserved';
  readonly lengthBytes: number;
  readonly length: number;
  /** Decoded as a view on the message, not as a value of its own. */
  readonly isBinary?: boolean;
}

const RESERVED: Format = { kind: 'reserved', lengthBytes: 0, length: 0 };

/** From 0xC0 to 0xDF. Extensions have a byte that tells their type. */
const LONGER_FORMATS: readonly Format[] = [
  scalar(0), // nil
  RESERVED, // never used
  scalar(0), // false
  scalar(0), // true
  ...[1, 2, 4].map((lengthBytes) => binary(0, lengthBytes)), // bin 8, 16, 32
  ...[1, 2, 4].map((lengthBytes) => binary(1, lengthBytes)), // ext 8, 16, 32
  ...[4, 8].map((bytes) => scalar(bytes)), // float 32, 64
  ...[1, 2, 4, 8].map((bytes) => scalar(bytes)), // uint 8 to 64
  ...[1, 2, 4, 8].map((bytes) => scalar(bytes)), // int 8 to 64
  ...[1, 2, 4, 8, 16].map((bytes) => binary(bytes + 1)), // fixext 1 to 16
  ...[1, 2, 4].map((lengthBytes) => scalar(0, lengthBytes)), // str 8, 16, 32
  ...[2, 4].map((lengthBytes): Format => ({ kind: 'array', lengthBytes, length: 0 })),
  ...[2, 4].map((lengthBytes): Format => ({ kind: 'map', lengthBytes, length: 0 })),
];

const FORMATS: readonly Format[] = Array.from({ length: 256 }, (_, head) => formatOf(head));

/**
 * Walks over one MessagePack value that must fill `bytes`, and tells whether it holds binary parts. Throws `ProtocolError` for data that is
 * cut off, declares more than is there, goes on after its end or is nested too deep. The walk counts and allocates nothing for what is
 * declared, as a decoder would; it ends where the bytes end.
 */
export function checkShape(bytes: Uint8Array): { readonly hasBinary: boolean } {
  const walk = new Walk(bytes);
  while (!walk.isDone) walk.step();
  if (walk.position !== bytes.length) throw malformed();
  return walk;
}

/** What malformed data is called, whatever is wrong with it. */
export function malformed(): ProtocolError {
  return new ProtocolError('Error reading MessagePack.');
}

/** Where a walk is: its place in the bytes, and how many values each open list or map still lacks. */
class Walk {
  position = 0;
  hasBinary = false;
  private readonly open: number[] = [1];

  constructor(private readonly bytes: Uint8Array) {}

  get isDone(): boolean {
    return this.open.length === 0;
  }

  /** Takes the head of the next value; its children are values of their own. */
  step(): void {
    const format = FORMATS[this.bytes[this.position] ?? -1] ?? RESERVED;
    if (format.kind === 'reserved') throw malformed();
    this.position += 1;
    const length = format.length + this.declaredLength(format.lengthBytes);
    this.take();
    if (format.kind === 'bytes') this.position += length;
    else this.enter(format.kind === 'map' ? length * 2 : length);
    this.hasBinary ||= format.isBinary === true;
    while (this.open.at(-1) === 0) this.open.pop();
  }

  private enter(children: number): void {
    if (this.open.length > MAX_DEPTH) throw malformed();
    this.open.push(children);
  }

  private take(): void {
    const innermost = this.open.length - 1;
    this.open[innermost] = (this.open[innermost] ?? 0) - 1;
  }

  private declaredLength(lengthBytes: number): number {
    let length = 0;
    for (const end = this.position + lengthBytes; this.position < end; this.position += 1) {
      const byte = this.bytes[this.position];
      if (byte === undefined) throw malformed();
      length = length * 256 + byte;
    }
    return length;
  }
}

function formatOf(head: number): Format {
  if (head < 0x80 || head >= 0xe0) return scalar(0);
  if (head < 0x90) return { kind: 'map', lengthBytes: 0, length: head & 0x0f };
  if (head < 0xa0) return { kind: 'array', lengthBytes: 0, length: head & 0x0f };
  if (head < 0xc0) return scalar(head & 0x1f);
  return LONGER_FORMATS[head - 0xc0] ?? RESERVED;
}

function scalar(length: number, lengthBytes = 0): Format {
  return { kind: 'bytes', lengthBytes, length };
}

function binary(length: number, lengthBytes = 0): Format {
  return { kind: 'bytes', lengthBytes, length, isBinary: true };
}
