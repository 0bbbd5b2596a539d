import type { NodeFigures, NodeLease } from '@ringback/core';

/** Longer ones no node announces. */
const MAX_TEXT_LENGTH = 8_192;

type Fields = Readonly<Record<string, unknown>>;

/** The lease that the text says, or `undefined` if it says none. Never throws. */
export function parseLease(text: string): NodeLease | undefined {
  const lease = text.length > MAX_TEXT_LENGTH ? undefined : parseObject(text);
  return lease && isLease(lease) ? (lease as unknown as NodeLease) : undefined;
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Not JSON: whoever asked reports it.
    return undefined;
  }
}

function isLease({ nodeId, generation, address, version, startedAt, figures }: Fields): boolean {
  const texts = [nodeId, generation, version].every((text) => typeof text === 'string');
  return texts && isAddress(address) && isCount(startedAt) && hasFigures(figures);
}

/** Requests are sent there. */
function isAddress(address: unknown): boolean {
  if (typeof address !== 'string' || !URL.canParse(address)) return false;
  const { protocol, port } = new URL(address);
  return ['http:', 'https:'].includes(protocol) && port !== '0';
}

const FIGURES = ['connections', 'subscriptions', 'events', 'outboxBytes'] satisfies (keyof NodeFigures)[];

function hasFigures(figures: unknown): boolean {
  if (typeof figures !== 'object' || figures === null) return false;
  const counts: Fields = { ...figures };
  return FIGURES.every((name) => isCount(counts[name]));
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
