import type { PeerMessage } from '@ringback/core';

/** What one node says to another, as JSON: seldom enough for it. */
export function encodePeerMessage(message: PeerMessage): string {
  return JSON.stringify(message);
}

/** The message, or `undefined` if it is not one that this version reads. Never throws. */
export function decodePeerMessage(message: Buffer): PeerMessage | undefined {
  try {
    return parseMessage(JSON.parse(message.toString()));
  } catch {
    // Not JSON: garbage like any other. Whoever asked logs it.
    return undefined;
  }
}

function parseMessage(value: unknown): PeerMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const said: Readonly<Record<string, unknown>> = { ...value };
  const { kind, connectionId, receiptId, delivered, queued, dropped } = said;
  if (kind === 'note') return parseNote(said);
  if (kind === 'replaced' && typeof connectionId === 'string') return { kind, connectionId };
  if (kind !== 'receipt' || typeof receiptId !== 'string') return undefined;
  if (!isCount(delivered) || !isCount(queued) || !isCount(dropped)) return undefined;
  return { kind, receiptId: withoutTrace(receiptId), delivered, queued, dropped };
}

/** A node that does not know of trace contexts sends back what stood behind the id, see relay-codec.ts. */
function withoutTrace(receiptId: string): string {
  const end = receiptId.indexOf(' ');
  return end < 0 ? receiptId : receiptId.slice(0, end);
}

function parseNote({ subject, from, body }: Readonly<Record<string, unknown>>): PeerMessage | undefined {
  if (typeof subject !== 'string' || typeof from !== 'string' || typeof body !== 'string') return undefined;
  return { kind: 'note', subject, from, body };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
