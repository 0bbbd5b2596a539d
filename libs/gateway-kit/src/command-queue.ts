import { HubError } from '@ringback/contract';

/**
 * How a command takes part in the order of its connection. A barrier runs alone: after everything before it, before everything behind it. Triggers
 * with one shard overlap; they are started in order of arrival, and the shard keeps that order. So do subscribes, and the hub keeps the order of those
 * for one event.
 */
export type CommandOrder =
  | { readonly kind: 'barrier' }
  | { readonly kind: 'subscribe' }
  | { readonly kind: 'trigger'; readonly shard: string };

/** Does a command. `release` lets the commands behind it start before the returned promise settles. */
export type CommandTask<Reply> = (release: () => void) => Promise<Reply>;

export interface CommandQueueOptions {
  /** How long a command may wait, counted from its arrival or from when the last one before it was done, before it is refused with `relay-unavailable`. Default 2,000. */
  readonly maxWaitMs?: number;
  readonly now?: () => number;
}

/** The bound within which the relay answers or is given up. */
const MAX_WAIT_MS = 2_000;

/** A command that has failed after this part of the time it had has not been refused: nothing has answered it. */
const UNANSWERED = 0.9;

const BARRIER = Symbol('barrier');
const SUBSCRIBE = Symbol('subscribe');

/** One for all queues: there is one for each connection. */
const monotonicNow = (): number => performance.now();

/** What commands that may overlap have in common. */
type Group = string | typeof BARRIER | typeof SUBSCRIBE;

interface WaitingCommand {
  readonly group: Group;
  readonly arrivedAt: number;
  start(): void;
  expire(): void;
}

/**
 * Keeps the commands of one connection in order of arrival. What waits behind a command that hangs is refused when its own time is up, or with that
 * command: a dead link to the relay fails everything that waits together and not one after the other.
 */
export class CommandQueue {
  private readonly waiting: WaitingCommand[] = [];
  /** Started and not released yet; all of one group. */
  private running = 0;
  private group: Group | undefined;
  /** When a command was done last. */
  private doneAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private readonly maxWaitMs: number;
  private readonly now: () => number;

  constructor(options: CommandQueueOptions = {}) {
    this.maxWaitMs = options.maxWaitMs ?? MAX_WAIT_MS;
    this.now = options.now ?? monotonicNow;
  }

  /** Settles as the task does. Rejects with `relay-unavailable` if the task could not be started in time. */
  run<Reply>(order: CommandOrder, task: CommandTask<Reply>): Promise<Reply> {
    const group = groupOf(order);
    const canStart = this.waiting.length === 0 && this.mayJoin(group);
    return canStart ? this.start(group, task) : this.wait(group, task);
  }

  private async start<Reply>(group: Group, task: CommandTask<Reply>): Promise<Reply> {
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.running -= 1;
      this.startWaiting();
    };
    const startedAt = this.now();
    this.group = group;
    this.running += 1;
    try {
      const reply = await task(release);
      this.doneAt = this.now();
      return reply;
    } catch (error) {
      if (this.isUnanswered(error, startedAt)) this.expireWaiting(this.waiting.length);
      throw error;
    } finally {
      release();
    }
  }

  private wait<Reply>(group: Group, task: CommandTask<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const start = (): void => resolve(this.start(group, task));
      const expire = (): void => {
        reject(
          new HubError('relay-unavailable', 'The commands before it wait for the relay; it was not started.'),
        );
      };
      this.waiting.push({ group, arrivedAt: this.now(), start, expire });
      this.armTimer();
    });
  }

  /** Starts what may run now: one barrier, or those that overlap up to the next that does not. A task may release while it is started. */
  private startWaiting(): void {
    let [next] = this.waiting;
    while (next && this.mayJoin(next.group)) {
      this.waiting.shift();
      next.start();
      [next] = this.waiting;
    }
    if (this.waiting.length === 0) this.disarmTimer();
  }

  private mayJoin(group: Group): boolean {
    return this.running === 0 || (group !== BARRIER && group === this.group);
  }

  /** Commands arrive in order, so the first of those that wait is the first whose time is up. */
  private armTimer(): void {
    const [first] = this.waiting;
    if (this.timer !== undefined || !first) return;
    const waitsSince = Math.max(first.arrivedAt, this.doneAt);
    const remainingMs = Math.max(0, waitsSince + this.maxWaitMs - this.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.expireOverdue();
    }, remainingMs);
    this.timer.unref();
  }

  private disarmTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private isUnanswered(error: unknown, startedAt: number): boolean {
    const tookMs = this.now() - startedAt;
    return (
      tookMs >= UNANSWERED * this.maxWaitMs && error instanceof HubError && error.code === 'relay-unavailable'
    );
  }

  private expireOverdue(): void {
    const expiredBefore = this.now() - this.maxWaitMs;
    const alive = this.waiting.findIndex(({ arrivedAt }) => Math.max(arrivedAt, this.doneAt) > expiredBefore);
    this.expireWaiting(alive === -1 ? this.waiting.length : alive);
    this.startWaiting(); // triggers that waited for an expired barrier alone
    this.armTimer();
  }

  /** Refuses the first of those that wait. */
  private expireWaiting(count: number): void {
    for (const command of this.waiting.splice(0, count)) command.expire();
    if (this.waiting.length === 0) this.disarmTimer();
  }
}

function groupOf(order: CommandOrder): Group {
  if (order.kind === 'trigger') return order.shard;
  return order.kind === 'subscribe' ? SUBSCRIBE : BARRIER;
}
