import { encode } from '@msgpack/msgpack';
import { framed, type RawProtocol } from '../hubs/testing/raw-protocols.js';

/** A whole number below the bound. */
export type Random = (below: number) => number;

/** The same numbers for the same seed: a round that fails can be run again. */
export function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function garbage(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random(64) }, () => random(256)));
}

/** A valid frame with a byte changed, cut, doubled or put in, up to four times. */
export function mutated(random: Random, frames: readonly Uint8Array[]): Buffer {
  const bytes = [...(frames[random(frames.length)] ?? [])];
  for (let change = random(4); change >= 0; change -= 1) {
    const place = random(bytes.length);
    const inserted = Array.from({ length: random(3) }, () => random(256));
    bytes.splice(place, random(3), ...inserted);
  }
  return Buffer.from(bytes);
}

/** A valid frame but for one bit, which is often another valid one. */
function altered(random: Random, frames: readonly Buffer[]): Buffer {
  const bytes = Buffer.from(frames[random(frames.length)] ?? []);
  const place = random(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << random(8));
  return bytes;
}

const maxMessageBytes = 32 * 1024;

/** A frame that is cut off, under the length of the whole or under that of what is left. */
function truncated(random: Random, frames: readonly Buffer[]): Buffer {
  const frame = frames[random(frames.length)] ?? Buffer.of();
  const cut = frame.subarray(0, random(frame.length));
  return random(2) === 0 ? cut : framed(cut.subarray(1));
}

/** A length of up to five bytes, up to the longest there is and beyond, with little behind it. */
function hugeLength(random: Random): Buffer {
  const prefix = Array.from({ length: 1 + random(5) }, () => 0x80 | random(128));
  return Buffer.concat([Buffer.from([...prefix, random(16)]), garbage(random)]);
}

/** What declares up to four billion children or bytes. */
function hugeDeclaration(random: Random): Buffer {
  const heads = [0xdd, 0xdf, 0xc6, 0xdb, 0xc9];
  const head = heads[random(heads.length)] ?? 0xdd;
  return framed(
    Buffer.of(0x95, 1, 0x80, 0xa1, 0x30, 0xa4, 69, 99, 104, 111, head, 0x7f, 0xff, 0xff, random(256)),
  );
}

function deepMessagePack(random: Random): Buffer {
  const levels = 1 + random(maxMessageBytes - 2000);
  return framed(Buffer.concat([Buffer.alloc(levels, 0x91), Buffer.from(encode(random(100)))]));
}

function deepJson(random: Random): Buffer {
  const levels = 1 + random(maxMessageBytes / 2);
  const item = `${'['.repeat(levels)}${random(2) === 0 ? ']'.repeat(levels) : ''}`;
  return Buffer.from(`{"type":1,"target":"Echo","invocationId":"d","arguments":[${item}]}\u001e`);
}

/** More than a message may be, without an end. */
const endless = (random: Random): Buffer => Buffer.alloc(maxMessageBytes + random(1000), 0x7b);

/** Something that no client of that protocol would send, of any kind there is. */
export function hostile(random: Random, { name }: RawProtocol, frames: readonly Buffer[]): Buffer {
  const oneBit = (given: Random): Buffer => altered(given, frames);
  const ofBoth = [garbage, endless, (given: Random) => mutated(given, frames), oneBit, oneBit, oneBit];
  const ofMessagePack = [
    hugeLength,
    hugeDeclaration,
    deepMessagePack,
    (given: Random) => truncated(given, frames),
  ];
  const makers = [...ofBoth, ...(name === 'json' ? [deepJson] : ofMessagePack)];
  return (makers[random(makers.length)] ?? garbage)(random);
}
