import type { CloseReason, Envelope } from '@ringback/contract';
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

/** Keeps what it is sent. */
export class RecordingConnection implements Connection {
  readonly gateway = 'test';
  readonly frames: Frame[] = [];
  readonly closes: CloseReason[] = [];
  bufferedBytes = 0;

  constructor(
    readonly connectionId: string,
    readonly codec: Codec = readableCodec,
  ) {}

  send(frames: readonly Frame[]): void {
    this.frames.push(...frames);
  }

  close(reason: CloseReason): void {
    this.closes.push(reason);
  }
}
