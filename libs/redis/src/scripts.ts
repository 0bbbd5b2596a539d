import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { unavailable, type RedisConnection } from './redis-connection.js';

/** One atomic step on the side of Redis. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/** Every script. A build puts the .lua files beside the compiled ones. */
export const SCRIPTS = {
  trigger: loadScript('trigger'),
  probe: loadScript('probe'),
  subscribe: loadScript('subscribe'),
  unsubscribe: loadScript('unsubscribe'),
  restore: loadScript('restore'),
  resume: loadScript('resume'),
  settle: loadScript('settle'),
  holding: loadScript('holding'),
  forget: loadScript('forget'),
  discard: loadScript('discard'),
  since: loadScript('since'),
  history: loadScript('history'),
  event: loadScript('event'),
  takeSession: loadScript('session-take'),
  acknowledge: loadScript('session-acknowledge'),
  leaveSession: loadScript('session-leave'),
  restoreSession: loadScript('session-restore'),
  expireSession: loadScript('session-expire'),
  weighEvent: loadScript('session-weigh'),
  dropEvent: loadScript('session-drop'),
  recountSession: loadScript('session-recount'),
  noteIdentity: loadScript('identity-note'),
  pageAway: loadScript('away-page'),
  unlistAway: loadScript('away-unlist'),
  claim: loadScript('claim'),
  releaseClaim: loadScript('claim-release'),
  writeRecord: loadScript('record-write'),
} as const;

export type ScriptArgument = string | number | Buffer;

/** What a script answers, text as bytes. */
export type ScriptReply = Buffer | number | null | readonly ScriptReply[];

/**
 * Runs a script by its hash; a server that does not know it (new, flushed, promoted) gets it whole, which it then keeps.
 * Rejects as `unavailable` says.
 */
export async function runScript(
  connection: RedisConnection,
  script: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<ScriptReply> {
  const rest = [keys.length, ...keys, ...args];
  try {
    return (await connection.callBuffer('evalsha', [script.sha, ...rest])) as ScriptReply;
  } catch (error) {
    if (!isUnknownScript(error)) throw unavailable(error);
  }
  try {
    return (await connection.callBuffer('eval', [script.lua, ...rest])) as ScriptReply;
  } catch (error) {
    throw unavailable(error);
  }
}

export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** Reads a script; each line `--@include name.lua` in it stands for that file. */
function loadScript(name: string): Script {
  const lua = read(`${name}.lua`).replace(/^--@include (\S+)$/gm, (_line, file: string) => read(file));
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

function read(file: string): string {
  return readFileSync(new URL(`scripts/${file}`, import.meta.url), 'utf8');
}
