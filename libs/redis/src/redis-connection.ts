import { withTimeout } from '@ringback/async';
import { HubError } from '@ringback/contract';
import type { Cluster, Redis } from 'ioredis';
import { describeReply } from './error-reply.js';

/** A connection to one server, or to all masters of a Redis Cluster. */
export type RedisConnection = Redis | Cluster;

/** How long a command may take before its fate is unknown. */
export const COMMAND_TIMEOUT_MS = 2_000;

/**
 * The error of a command that failed or was not answered in time: `relay-unavailable`, which means that its fate is unknown, unless Redis has answered
 * that it refuses it (`cluster-refuses-writes`), or cannot make sense of what it holds (`internal`).
 */
export function unavailable(cause: unknown): HubError {
  if (cause instanceof HubError) return cause;
  return describeReply(cause) ?? new HubError('relay-unavailable', undefined, { cause });
}

class Unsent extends Error {
  override readonly name = 'Unsent';
}

/** The error of a command that was not sent, as there is no connection. */
export function notSent(reason: string): HubError {
  const cause = new Unsent(reason);
  return new HubError(
    'relay-unavailable',
    'The relay between the nodes cannot be reached; nothing was done.',
    {
      cause,
    },
  );
}

/** Whether a command, or the one behind this error, has not even been sent. */
export function isUnsent(error: unknown): boolean {
  const cause = error instanceof HubError ? error.cause : error;
  if (cause instanceof Unsent) return true;
  return cause instanceof Error && cause.message.startsWith("Stream isn't writeable"); // the client library's words
}

/** Awaits a command; its failure becomes what `unavailable` says. */
export async function command<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    throw unavailable(error);
  }
}

/** Awaits what has no timeout of its own as long as a command may take. */
export function withCommandTimeout<Reply>(reply: Promise<Reply>): Promise<Reply> {
  return withTimeout(reply, COMMAND_TIMEOUT_MS, () => unavailable(new Error('No answer in time.')));
}

/** A slot of the Redis Cluster is served by another master than the one that was asked. */
export function isMoved(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('MOVED ');
}
