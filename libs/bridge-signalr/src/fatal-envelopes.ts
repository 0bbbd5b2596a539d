import type { Envelope } from '@ringback/contract';

/** Smaller ones no hub ends a link over; many take no message of more than 32 KiB. */
const LARGE = 8 * 1024;
/** How often in a row the link has to be lost over an envelope. */
const MOST_LOSSES = 5;

interface Loss {
  readonly origin: string;
  count: number;
}

/** Envelopes over which the link to a remote hub is lost again and again: it takes none so large, and what waits behind would wait for ever. */
export class FatalEnvelopes {
  /** The last of each event: those of one event are handed over one after the other. */
  private readonly losses = new Map<string, Loss>();

  has({ eventguid }: Envelope, origin: string): boolean {
    const loss = this.losses.get(eventguid);
    return loss?.origin === origin && loss.count >= MOST_LOSSES;
  }

  /** The link was lost while it was under way. */
  note({ eventguid, data }: Envelope, origin: string): void {
    if (data.length < LARGE) return;
    const known = this.losses.get(eventguid);
    if (known?.origin === origin) known.count++;
    else this.losses.set(eventguid, { origin, count: 1 });
  }
}
