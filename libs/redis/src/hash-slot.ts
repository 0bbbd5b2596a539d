const SLOTS = 16_384;
const POLYNOMIAL = 0x1021;

/** The slot of a Redis Cluster that a key or channel belongs to: CRC16 (XMODEM) of its hash tag. */
export function hashSlot(name: string): number {
  return crc16(Buffer.from(hashTag(name))) % SLOTS;
}

function hashTag(name: string): string {
  const open = name.indexOf('{');
  const close = name.indexOf('}', open + 1);
  return open >= 0 && close > open + 1 ? name.slice(open + 1, close) : name;
}

function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] ?? 0);
  return crc;
}

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});
