const LONE_SURROGATE = /\p{Cs}/u;

/** Length of a text in bytes of UTF-8, without encoding it. A lone surrogate counts as three bytes. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1))) {
      index++; // a pair is two units and four bytes: the second unit adds nothing
    }
  }
  return bytes;
}

/** Whether a text survives UTF-8 unchanged: it holds no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
