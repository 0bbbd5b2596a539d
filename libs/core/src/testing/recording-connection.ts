import type { CloseReason, Envelope, Presence } from '@ringback/contract';
import type { Codec, Frame } from '../ports/codec.port.js';
import type { Connection } from '../ports/connection.port.js';

/** A codec whose frames can be read in an expectation: `offset:data→cookie`, with a `!` after a gap. */
const readableCodec: Codec = {
  name: 'readable',
  encodeCookie: (cookie) => cookie,
  prepare: ({ position, data }: Envelope, gap) => {
    const head = `${position.offset}:${String(data)}${gap ? '!' : ''}→`;
    return (cookie) => head + cookie;
  },
};

/** The same with presence: `+member`, `-member`, and a snapshot as `[member member]total`. */
export const presenceCodec: Codec = {
  ...readableCodec,
  name: 'readable with presence',
  encodePresence: (_, presence) => presenceText(presence),
};

/** The same with a word for the end of a subscription that no delivery has told. */
export const endingCodec: Codec = {
  ...readableCodec,
  name: 'readable with endings',
  encodeEnded: (eventguid) => `ended:${eventguid}`,
};

function presenceText(presence: Presence): string {
  if (presence.kind === 'snapshot') return `[${presence.members.toSorted().join(' ')}]${presence.total}`;
  return `${presence.kind === 'join' ? '+' : '-'}${presence.member}`;
}

/** Keeps what it is sent. */
export class RecordingConnection implements Connection {
  readonly gateway = 'test';
  readonly frames: Frame[] = [];
  readonly closes: CloseReason[] = [];
  bufferedBytes = 0;
  /** What its gateway does when the hub closes it. */
  onClose: (reason: CloseReason) => void = () => undefined;

  constructor(
    readonly connectionId: string,
    readonly codec: Codec = readableCodec,
  ) {}

  send(frames: readonly Frame[]): void {
    this.frames.push(...frames);
  }

  close(reason: CloseReason): void {
    this.closes.push(reason);
    this.onClose(reason);
  }

  /** Why the hub has closed it; `undefined` while it has not. */
  get closedWith(): string | undefined {
    return this.closes[0]?.name;
  }
}
