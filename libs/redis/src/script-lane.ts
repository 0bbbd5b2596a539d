import type { Redis } from 'ioredis';
import { isUnsent, notSent, type RedisConnection } from './redis-connection.js';
import type { ScriptCall } from './script-call.js';
import { ScriptLoader } from './script-loader.js';
import { isUnknownScript, runScript, type Script, type ScriptReply } from './scripts.js';

/** How the calls of a lane reach the servers. */
export interface ScriptRoutes {
  /** Follows redirections; what is sent through it may be overtaken. */
  readonly commands: RedisConnection;
  /** The connection to the server of the slot, as it is now. */
  connectionOf(slot: number): Redis | undefined;
}

/** A call that the server has not run, and why. */
interface Refusal {
  readonly call: ScriptCall;
  readonly error: unknown;
}

/**
 * Calls of one script that keep their order, sent without waiting for one another. If a server refuses one without running it, what comes later waits
 * until all that was refused has been repeated. (A script that is flushed while other nodes load it again is beyond that: a server may then refuse a call
 * and run the next one, which was on its way already.)
 */
export class ScriptLane {
  private onTheWay = 0;
  private refused: Refusal[] = [];
  private waiting: ScriptCall[] = [];
  private isRepairing = false;
  private readonly loader: ScriptLoader;

  constructor(
    private readonly script: Script,
    private readonly routes: ScriptRoutes,
  ) {
    this.loader = new ScriptLoader(script);
  }

  add(call: ScriptCall): void {
    if (!this.isRepairing && this.refused.length === 0) return this.send(call);
    call.expireInTime();
    this.waiting.push(call);
  }

  private send(call: ScriptCall): void {
    if (call.expired) return call.expire();
    const connection = this.routes.connectionOf(call.slot);
    if (!connection) return this.onUnreachable(call);
    if (!accepts(connection)) return call.reject(notSent('The connection to the master is being made.'));
    this.loader.loadOn(connection);
    this.onTheWay++;
    connection.callBuffer('evalsha', [this.script.sha, call.keys.length, ...call.keys, ...call.args]).then(
      (reply) => this.onReply(call, reply as ScriptReply),
      (error: unknown) => this.onFailed(call, error),
    );
  }

  /** Which master has taken over, a cluster tells whom it redirects. */
  private onUnreachable(call: ScriptCall): void {
    this.refuse({ call, error: undefined });
    this.repairWhenIdle();
  }

  private onReply(call: ScriptCall, reply: ScriptReply): void {
    call.resolve(reply);
    this.onAnswered();
  }

  private onFailed(call: ScriptCall, error: unknown): void {
    if (isRefusal(error)) this.refuse({ call, error });
    else call.reject(isUnsent(error) ? notSent('The connection was lost just before.') : error);
    this.onAnswered();
  }

  private refuse(refusal: Refusal): void {
    refusal.call.expireInTime();
    this.refused.push(refusal);
  }

  private onAnswered(): void {
    this.onTheWay--;
    this.repairWhenIdle();
  }

  private repairWhenIdle(): void {
    if (this.onTheWay > 0 || this.isRepairing || this.refused.length === 0) return;
    this.isRepairing = true;
    this.repair();
  }

  /** Repeats the first call alone, wherever it has to go. Its server then knows the script; the others may still be redirected, each by itself. */
  private repair(): void {
    const next = this.refused.shift();
    if (!next) return this.goOn();
    this.repeat(next.call, () => (isUnknownScript(next.error) ? this.goOn() : this.repair()));
  }

  private repeat(call: ScriptCall, onSettled: () => void): void {
    // The call ends in time, whatever becomes of what is sent for it.
    call.reply.then(onSettled, onSettled);
    if (call.expired) return;
    call.markSent();
    runScript(this.routes.commands, this.script, call.keys, call.args).then(
      (reply) => call.resolve(reply),
      (error: unknown) => call.reject(error),
    );
  }

  private goOn(): void {
    const later = [...this.refused.map(({ call }) => call), ...this.waiting];
    [this.refused, this.waiting] = [[], []];
    this.isRepairing = false;
    for (const call of later) this.add(call);
  }
}

/** Whether it sends now, or makes its very first connection; else a call would be run long after it was given up. */
function accepts({ status }: Redis): boolean {
  return status === 'ready' || status === 'wait';
}

/** Whether the server has done nothing: it does not know the script, or does not serve the slot, or not yet. */
function isRefusal(error: unknown): boolean {
  return (
    isUnknownScript(error) ||
    (error instanceof Error && /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /.test(error.message))
  );
}
