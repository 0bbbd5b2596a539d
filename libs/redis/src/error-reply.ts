import { HubError } from '@ringback/contract';

/**
 * With these words Redis refuses a command before anything of it is done. Scripts included: it looks at memory, disk, role and replicas only until the
 * first write of a script, and at rights to the keys before its first line.
 */
const REFUSAL = /^(OOM|MISCONF|READONLY|NOREPLICAS|NOPERM|NOAUTH|LOADING|MASTERDOWN|CLUSTERDOWN|BUSY)\b/;

/** A right is missing for what a script does, as Redis 7.0 says it and as later ones do. What the script did before stays. */
const REFUSED_WITHIN = /^(ERR|NOPERM) (The user executing the script can't|ACL failure in script)/;

/** Another type, or values of which a script can make nothing. */
const UNREADABLE = /^(WRONGTYPE\b|ERR (Error running script|user_script:))/;
/** Keys that are named of one command. */
const MAX_KEYS = 8;

/** What the client library hangs on the error of a command. */
interface FailedCommand {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Redis' own word for why it does not carry out what it was asked, `OOM` for instance; `undefined` if the error is none of its refusals. */
export function refusalOf(error: unknown): string | undefined {
  const text = replyOf(error)?.message ?? '';
  return REFUSED_WITHIN.test(text) ? 'NOPERM' : REFUSAL.exec(text)?.[1];
}

/** Whether Redis, or a script there, can make nothing of what stands under a key. */
export function isUnreadable(error: unknown): boolean {
  return UNREADABLE.test(replyOf(error)?.message ?? '');
}

/** The error that an error reply stands for; `undefined` where it leaves open what was done. */
export function describeReply(error: unknown): HubError | undefined {
  const reply = replyOf(error);
  if (!reply) return undefined;
  const refusal = refusalOf(reply);
  if (refusal !== undefined && !REFUSED_WITHIN.test(reply.message)) return refused(refusal, reply);
  if (refusal !== undefined) return refusedWithin(refusal, reply);
  return isUnreadable(reply) ? unreadable(reply) : undefined;
}

function refused(word: string, cause: Error): HubError {
  const message = `The Redis of the cluster refuses writes (${word}); nothing was done.`;
  return new HubError('cluster-refuses-writes', message, { cause });
}

function refusedWithin(word: string, cause: Error): HubError {
  const message = `Redis has refused a part of the request (${word}); whether the others were done is not known.`;
  return new HubError('relay-unavailable', message, { cause });
}

/** Names the keys in its cause, for the log: the message goes to clients. */
function unreadable(reply: Error): HubError {
  const cause = new Error(`${reply.message} One of the keys: ${keysOf(reply).join(' ')}`, { cause: reply });
  return new HubError('internal', 'Redis holds something that the hub has not written.', { cause });
}

/** The keys of the command that has failed. */
export function keysOf(error: unknown): readonly string[] {
  const command = (replyOf(error) as { readonly command?: FailedCommand } | undefined)?.command;
  if (!command) return [];
  const { name, args } = command;
  const isScript = /^eval/i.test(name);
  const keys = isScript ? args.slice(2, 2 + Number(args[1])) : args.slice(0, 1);
  return keys.slice(0, MAX_KEYS).map(String);
}

/** The reply behind an error. */
function replyOf(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  return error.name === 'ReplyError' ? error : replyOf(error.cause);
}
