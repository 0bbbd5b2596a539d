import { HubError } from '@ringback/contract';
import type { Redis } from 'ioredis';
import { trialOf, type KeyPattern, type RedisRights } from './rights.js';

const DENIED = /^NOPERM\b/;
const DENIED_COMMAND = /^NOPERM .* to run /;
/** A server that takes no writes now, whoever asks. */
const REFUSED = /^(OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|LOADING)\b/;

type Trial = readonly string[];

/**
 * Tries out each right on a server, with commands that leave nothing behind and need no right of their own. `tag` is a text of its own whose slot the server
 * serves. Rejects with `internal` that names what is missing, or with the reply of a server that takes no writes at all.
 */
export async function checkRights(server: Redis, rights: RedisRights, tag: string): Promise<void> {
  const missing = [
    ...(await deniedPatterns(server, '~', rights.keys, (key) => [
      ['exists', key],
      ['srem', key, tag],
    ])),
    ...(await deniedPatterns(server, '&', rights.channels, (channel) => [['spublish', channel, '']])),
    ...(await deniedCommands(server, rights, tag)),
  ];
  if (missing.length === 0) return;
  throw new HubError(
    'internal',
    `Redis denies the user ${server.options.username ?? 'default'} what is needed: ${missing.join(' ')}; add it with ACL SETUSER, docs/operations.md has the whole line.`,
  );
}

/** The patterns below which a sample is denied, whatever the command. */
async function deniedPatterns(
  server: Redis,
  sign: string,
  patterns: readonly KeyPattern[],
  trialsOf: (sample: string) => readonly Trial[],
): Promise<readonly string[]> {
  const denied: string[] = [];
  for (const { pattern, samples } of patterns) {
    const errors = await errorsOf(server, samples.flatMap(trialsOf));
    if (errors.some((said) => DENIED.test(said) && !DENIED_COMMAND.test(said))) denied.push(sign + pattern);
  }
  return denied;
}

async function deniedCommands(
  server: Redis,
  { commands, keys, channels }: RedisRights,
  tag: string,
): Promise<readonly string[]> {
  // Below patterns that may be used: else a trial would be denied its key, and its command not be judged.
  const [key = '', channel = ''] = [keys, channels].map(([first]) => first && nameBelow(first, tag));
  const trials = commands.map((command) => trialOf(command, key, channel));
  const errors = await errorsOf(server, [...trials, ['del', key]]);
  const refusal = errors.find((said) => REFUSED.test(said));
  if (refusal !== undefined) throw replyError(refusal);
  return commands
    .filter((_command, index) => DENIED_COMMAND.test(errors[index] ?? ''))
    .map((name) => `+${name}`);
}

function nameBelow({ pattern }: KeyPattern, tag: string): string {
  return `${pattern.replace('*', '')}{${tag}}`;
}

/** What the server says against each command; empty where it says nothing. Rejects if it does not answer. */
async function errorsOf(server: Redis, trials: readonly Trial[]): Promise<readonly string[]> {
  const results = await Promise.allSettled(trials.map(([name = '', ...rest]) => server.call(name, ...rest)));
  return results.map((result) => {
    if (result.status === 'fulfilled') return '';
    const error = result.reason as Error;
    if (error.name !== 'ReplyError') throw error;
    return error.message;
  });
}

function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}
