import type { Frame } from '@ringback/core';
import { OVER, parsePlace, placeText, type Place } from './stream-id.js';

/** What a stream of several events has to know of a delivery to make its own id of it. */
export interface DeliveryHead {
  /** One character a byte, as frames are. */
  readonly eventguid: Frame;
  /** Absent where the event has ended at no place of its own. */
  readonly place: Place | undefined;
  /** Characters before what is written. */
  readonly length: number;
}

interface NumberedHead extends DeliveryHead {
  readonly number: number;
}

/** In front of what no place comes with. */
export const NO_HEAD = '\n';

/** So many deliveries may be under way between the codec and the slowest stream before heads are read as text again. */
const REMEMBERED = 4_096;
/** A number has as many characters, of six bits each: none is a line end. */
const DIGITS = 4;
const DIGIT_BITS = 6;
const DIGIT_MASK = (1 << DIGIT_BITS) - 1;
const FIRST_DIGIT = 0x40;
const NUMBERS = 1 << (DIGITS * DIGIT_BITS);

/**
 * Stands before a delivery: a number, the eventguid and the place, a line each of the latter. All streams get the same head, and it is read once: the number finds
 * what it says.
 */
export class DeliveryHeads {
  private readonly recent: NumberedHead[] = [];
  private last = 0;

  /** The head of a delivery of the event, whose eventguid is one character a byte. */
  write(eventguid: Frame, place: Place | undefined): Frame {
    this.last = (this.last + 1) % NUMBERS;
    const text = `${digitsOf(this.last)}${eventguid}\n${place ? placeText(place, place.over) : OVER}\n`;
    this.recent[this.last % REMEMBERED] = { number: this.last, eventguid, place, length: text.length };
    return text;
  }

  /** What the head of the frame says, or `undefined` if it has none. */
  read(frame: Frame): DeliveryHead | undefined {
    if (frame.startsWith(NO_HEAD)) return undefined;
    const number = numberOf(frame);
    const head = this.recent[number % REMEMBERED];
    return head?.number === number ? head : parseHead(frame);
  }
}

function parseHead(frame: Frame): DeliveryHead {
  const first = frame.indexOf('\n', DIGITS);
  const second = frame.indexOf('\n', first + 1);
  const place = parsePlace(frame.slice(first + 1, second));
  return { eventguid: frame.slice(DIGITS, first), place, length: second + 1 };
}

function digitsOf(number: number): Frame {
  let text = '';
  for (let shift = 0; shift < DIGITS * DIGIT_BITS; shift += DIGIT_BITS)
    text += String.fromCharCode(FIRST_DIGIT | ((number >> shift) & DIGIT_MASK));
  return text;
}

function numberOf(frame: Frame): number {
  let number = 0;
  for (let digit = 0; digit < DIGITS; digit++)
    number |= (frame.charCodeAt(digit) & DIGIT_MASK) << (digit * DIGIT_BITS);
  return number;
}
