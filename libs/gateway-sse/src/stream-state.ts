import type { Codec, Frame } from '@ringback/core';
import { utf8 } from '@ringback/gateway-kit';
import { NO_HEAD } from './delivery-heads.js';
import { DELIVERY_HEADS, LIST_CODECS, SINGLE_CODECS, type StreamFormat } from './sse.codec.js';
import { entryText, epochTag, listPrefix, OVER, parsePlace, placeText, type Place } from './stream-id.js';

/** Where an event of a stream begins. */
export interface Beginning {
  /** What its client has had: nothing that comes later is passed over when it comes back. */
  readonly place: Place;
  /** A one-shot up to this offset has ended an earlier subscription, and not this one. */
  readonly standsAfter: number;
}

/** How far a stream has come with each of its events, by what was written to it. */
export interface StreamState {
  readonly codec: Codec;
  /** With which the client goes on from here. */
  readonly id: string;
  /** Whether nothing more can come. */
  readonly isOver: boolean;
  /** Says where the events begin, in the order of the stream. To be called once, before `take`; there is an id when it has returned, or resolved. Rejects with `relay-unavailable`. */
  begin(beginnings: readonly Beginning[]): void | Promise<void>;
  /** The text to be written for the frames, and notes that it is. */
  take(frames: readonly Frame[]): Frame;
}

/** The state of a stream of at most `MAX_LISTED_EVENTS`; more have a journal. */
export function makeState(eventguids: readonly string[], format: StreamFormat): StreamState {
  return eventguids.length === 1
    ? new SingleState(SINGLE_CODECS[format])
    : new ListState(LIST_CODECS[format], eventguids);
}

const ID_LINE = 'id: ';

/** Of a stream of one event: the id stands in the frames, which all such streams share, and is read only when it is asked for. */
class SingleState implements StreamState {
  isOver = false;
  private known = '';
  private standsAfter = 0;
  /** What was written last that has an id, and where in it that is. */
  private last: Frame | undefined;
  private at = 0;

  constructor(readonly codec: Codec) {}

  get id(): string {
    if (this.last !== undefined) {
      // A copy: what is cut out of a text keeps the whole of it in memory.
      const end = this.last.indexOf('\n', this.at);
      this.known = Buffer.from(this.last.slice(this.at, end), 'latin1').toString('latin1');
      this.last = undefined;
    }
    return this.known;
  }

  begin([beginning]: readonly Beginning[]): void {
    if (!beginning) return;
    const { place, standsAfter } = beginning;
    this.known = placeText(place, place.over);
    this.standsAfter = standsAfter;
  }

  take(frames: readonly Frame[]): Frame {
    const [first = ''] = frames;
    if (frames.length === 1) return first + this.note(first);
    let text = '';
    for (const frame of frames) text += frame + this.note(frame);
    return text;
  }

  /** Answers what has to be written behind the frame. */
  private note(frame: Frame): Frame {
    const at = frame.startsWith(ID_LINE) ? 0 : frame.lastIndexOf(`\n${ID_LINE}`) + 1;
    if (at === 0 && !frame.startsWith(ID_LINE)) return '';
    this.last = frame;
    this.at = at + ID_LINE.length;
    return frame.startsWith(OVER, this.at) ? this.noteOver() : '';
  }

  private noteOver(): Frame {
    const place = parsePlace(this.id);
    if (!place || place.offset > this.standsAfter) {
      this.isOver = true;
      return '';
    }
    this.known = placeText(place, false);
    return `id: ${this.known}\n\n`;
  }
}

/** Of a stream of several events: each delivery gets an id that says the places of all of them. */
export abstract class PlacesState implements StreamState {
  protected readonly places: Place[] = [];
  private readonly indexes: ReadonlyMap<Frame, number>;
  private standsAfter: readonly number[] = [];
  private left: number;

  constructor(
    readonly codec: Codec,
    eventguids: readonly string[],
  ) {
    this.indexes = new Map(eventguids.map((eventguid, index) => [utf8(eventguid), index]));
    this.left = eventguids.length;
  }

  abstract get id(): string;

  get isOver(): boolean {
    return this.left === 0;
  }

  take(frames: readonly Frame[]): Frame {
    let text = '';
    for (const frame of frames) text += this.takeOne(frame);
    return text;
  }

  abstract begin(beginnings: readonly Beginning[]): void | Promise<void>;

  protected enter(beginnings: readonly Beginning[]): void {
    this.standsAfter = beginnings.map(({ standsAfter }) => standsAfter);
    for (const { place } of beginnings) {
      if (place.over) this.left -= 1;
      this.places.push(place);
    }
  }

  /** The event has come from one place to another, which stands among the places already. */
  protected abstract moved(index: number, from: Place, to: Place): void;

  private takeOne(frame: Frame): Frame {
    const head = DELIVERY_HEADS.read(frame);
    if (!head) return frame.slice(NO_HEAD.length);
    const index = this.indexes.get(head.eventguid);
    if (index !== undefined) this.note(index, head.place);
    return `${frame.slice(head.length)}${ID_LINE}${this.id}\n\n`;
  }

  /** One that has ended at no place of its own stays where it was. */
  private note(index: number, place: Place | undefined): void {
    const from = this.places[index];
    if (!from) return;
    if (!place) return this.move(index, from, { ...from, over: true });
    const goesOn = place.over && place.offset <= (this.standsAfter[index] ?? 0);
    this.move(index, from, goesOn ? { ...place, over: false } : place);
  }

  private move(index: number, from: Place, to: Place): void {
    if (to.over && !from.over) this.left -= 1;
    this.places[index] = to;
    this.moved(index, from, to);
  }
}

/** All places fit into the id. */
class ListState extends PlacesState {
  private readonly prefix: string;
  private readonly entries: string[] = [];
  /** Most events stay in one epoch. */
  private readonly tags = new Map<string, string>();

  constructor(codec: Codec, eventguids: readonly string[]) {
    super(codec, eventguids);
    this.prefix = listPrefix(eventguids);
  }

  get id(): string {
    return this.prefix + this.entries.join('');
  }

  begin(beginnings: readonly Beginning[]): void {
    this.enter(beginnings);
    for (const [index, place] of this.places.entries()) this.put(index, place);
  }

  protected moved(index: number, _from: Place, to: Place): void {
    this.put(index, to);
  }

  private put(index: number, place: Place): void {
    this.entries[index] = entryText({ ...place, tag: this.tagOf(place.epoch) });
  }

  private tagOf(epoch: string): string {
    let tag = this.tags.get(epoch);
    if (tag === undefined) this.tags.set(epoch, (tag = epochTag(epoch)));
    return tag;
  }
}
