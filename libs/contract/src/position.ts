import { HubError } from './hub-error.js';

/** The place of an envelope in the history of its event. The only thing that a client must remember. */
export interface Position {
  /** Identity of the history; a new one wherever continuity cannot be vouched for. */
  readonly epoch: string;
  /** 1, 2, 3 … across epochs; 0 is before the first. */
  readonly offset: number;
}

const POSITION = /^([0-9A-Za-z]{1,32}):(0|[1-9][0-9]{0,15})$/;

/** `epoch:offset`, as positions are written on every text protocol. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.offset}`;
}

/** The position written as `epoch:offset`. Throws `bad-request` if it is not. */
export function parsePosition(value: unknown): Position {
  const match = typeof value === 'string' ? POSITION.exec(value) : null;
  const offset = Number(match?.[2]);
  if (!match?.[1] || !Number.isSafeInteger(offset)) {
    throw new HubError('bad-request', 'A position is written epoch:offset.');
  }
  return { epoch: match[1], offset };
}
