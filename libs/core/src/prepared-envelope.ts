import type { Envelope } from '@ringback/contract';
import type { Codec, Frame } from './ports/codec.port.js';

type Assemble = (encodedCookie: Frame) => Frame;

/** An envelope on its way to many subscriptions: encoded once per codec, whatever their number. */
export class PreparedEnvelope {
  readonly offset: number;
  readonly oneShot: boolean;
  private readonly whole = new Map<Codec, Assemble>();
  private readonly gapped = new Map<Codec, Assemble>();

  constructor(readonly envelope: Envelope) {
    this.offset = envelope.position.offset;
    this.oneShot = envelope.oneShot;
  }

  /** One subscriber's frame. `gap` says that envelopes before this one are lost to it. */
  frameFor(codec: Codec, encodedCookie: Frame, gap: boolean): Frame {
    const prepared = gap ? this.gapped : this.whole;
    let assemble = prepared.get(codec);
    if (!assemble) {
      assemble = codec.prepare(this.envelope, gap);
      prepared.set(codec, assemble);
    }
    return assemble(encodedCookie);
  }
}
