import { HubError, type Envelope } from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';

/** An envelope as it waits for a bridge: JSON, so that the outbox counts about what it weighs. */
export const envelopeCodec: Codec = {
  name: 'bridge',
  encodeCookie: () => '',
  prepare: (envelope, gap) => {
    const frame = write(envelope, gap);
    return () => frame;
  },
};

/** What stands in a frame. */
export interface BridgedEnvelope {
  readonly envelope: Envelope;
  /** Whether envelopes before this one are lost. */
  readonly gap: boolean;
}

export function readFrame(frame: Frame): BridgedEnvelope {
  const { envelope, gap, bytes } = JSON.parse(frame) as BridgedEnvelope & { readonly bytes?: string };
  if (!envelope) throw new HubError('internal', 'The frame holds no envelope.');
  return {
    envelope: bytes === undefined ? envelope : { ...envelope, data: Buffer.from(bytes, 'base64') },
    gap,
  };
}

function write(envelope: Envelope, gap: boolean): Frame {
  const { data } = envelope;
  if (typeof data === 'string') return JSON.stringify({ envelope, gap });
  const bytes = Buffer.from(data).toString('base64');
  return JSON.stringify({ envelope: { ...envelope, data: '' }, gap, bytes });
}
