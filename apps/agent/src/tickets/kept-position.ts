import { parsePosition } from '@ringback/contract';
import { createHash } from 'node:crypto';
import type { TicketOrigin } from './ticket.js';

/** Up to where the tickets of an event, within one epoch of its hub, have been made. */
export interface KeptPosition {
  /** One for each hub, event and epoch. */
  readonly name: string;
  readonly offset: number;
}

/**
 * How long positions of removed tickets are remembered: longer than a hub keeps what a named subscriber has not acknowledged, which is 24 hours
 * unless it is told otherwise.
 */
export const POSITIONS_KEPT_MS = 48 * 60 * 60_000;

/** Deliveries of one event come in order: whoever has made a ticket of one has made those of all before it. */
export function keptPositionOf(origin: TicketOrigin | undefined): KeptPosition | undefined {
  if (origin?.position === undefined) return undefined;
  const { epoch, offset } = parsePosition(origin.position);
  const text = JSON.stringify([origin.hub, origin.eventguid, epoch]);
  return { name: createHash('sha256').update(text).digest('base64url'), offset };
}
