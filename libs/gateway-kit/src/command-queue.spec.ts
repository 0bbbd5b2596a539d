import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HubError } from '@ringback/contract';
import { CommandQueue, type CommandOrder } from './command-queue.js';

const BARRIER: CommandOrder = { kind: 'barrier' };

function trigger(shard = 'one'): CommandOrder {
  return { kind: 'trigger', shard };
}

/** A queue and what has been started in it; a task ends when it is told to. */
class Commands {
  readonly started: string[] = [];
  readonly settled: string[] = [];
  private readonly ends = new Map<string, (error?: Error) => void>();
  private readonly releases = new Map<string, () => void>();
  readonly queue: CommandQueue;

  constructor() {
    this.queue = new CommandQueue({ maxWaitMs: 2_000, now: () => Date.now() });
  }

  run(name: string, order: CommandOrder): void {
    const task = (release: () => void): Promise<string> => {
      this.started.push(name);
      this.releases.set(name, release);
      return new Promise((resolve, reject) => {
        this.ends.set(name, (error) => (error ? reject(error) : resolve(name)));
      });
    };
    this.queue.run(order, task).then(
      () => this.settled.push(name),
      (error: unknown) => this.settled.push(`${name}: ${HubError.from(error).code}`),
    );
  }

  async end(name: string, error?: Error): Promise<void> {
    this.ends.get(name)?.(error);
    await jest.advanceTimersByTimeAsync(0);
  }

  release(name: string): void {
    this.releases.get(name)?.();
  }
}

describe('CommandQueue', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('starts a command that meets nobody at once', () => {
    const commands = new Commands();
    commands.run('a', BARRIER);
    expect(commands.started).toEqual(['a']);
  });

  it('runs barriers one at a time, in order of arrival', async () => {
    const commands = new Commands();
    for (const name of ['a', 'b', 'c']) commands.run(name, BARRIER);
    expect(commands.started).toEqual(['a']);
    await commands.end('a');
    expect(commands.started).toEqual(['a', 'b']);
    await commands.end('b');
    expect(commands.started).toEqual(['a', 'b', 'c']);
  });

  it('overlaps triggers of one shard', () => {
    const commands = new Commands();
    for (const name of ['a', 'b', 'c']) commands.run(name, trigger());
    expect(commands.started).toEqual(['a', 'b', 'c']);
  });

  it('starts a trigger of another shard only when those before it have ended', async () => {
    const commands = new Commands();
    commands.run('a', trigger('one'));
    commands.run('b', trigger('two'));
    commands.run('c', trigger('two'));
    commands.run('d', trigger('one'));
    expect(commands.started).toEqual(['a']);
    await commands.end('a');
    expect(commands.started).toEqual(['a', 'b', 'c']);
    await commands.end('b');
    await commands.end('c');
    expect(commands.started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('lets subscribes overlap, started in order, behind what came before and before what comes after', async () => {
    const commands = new Commands();
    commands.run('trigger 1', trigger());
    for (const name of ['subscribe 1', 'subscribe 2']) commands.run(name, { kind: 'subscribe' });
    commands.run('trigger 2', trigger());
    commands.run('subscribe 3', { kind: 'subscribe' });
    expect(commands.started).toEqual(['trigger 1']);
    await commands.end('trigger 1');
    expect(commands.started).toEqual(['trigger 1', 'subscribe 1', 'subscribe 2']);
    await commands.end('subscribe 2');
    expect(commands.started).toHaveLength(3);
    await commands.end('subscribe 1');
    expect(commands.started.slice(3)).toEqual(['trigger 2']);
    await commands.end('trigger 2');
    expect(commands.started.slice(4)).toEqual(['subscribe 3']);
  });

  it('holds triggers behind a barrier, and a barrier behind triggers', async () => {
    const commands = new Commands();
    commands.run('t1', trigger());
    commands.run('subscribe', BARRIER);
    commands.run('t2', trigger());
    expect(commands.started).toEqual(['t1']);
    await commands.end('t1');
    expect(commands.started).toEqual(['t1', 'subscribe']);
    await commands.end('subscribe');
    expect(commands.started).toEqual(['t1', 'subscribe', 't2']);
  });

  it('goes on when a command releases the order before it is answered', async () => {
    const commands = new Commands();
    commands.run('waits for its receipt', trigger());
    commands.run('subscribe', BARRIER);
    commands.release('waits for its receipt');
    expect(commands.started).toEqual(['waits for its receipt', 'subscribe']);
    commands.release('waits for its receipt');
    await commands.end('waits for its receipt');
    commands.run('next', BARRIER);
    expect(commands.started).not.toContain('next');
  });

  it('starts each command once although one releases while it is started', async () => {
    const commands = new Commands();
    const started: string[] = [];
    const quick = (name: string) => (release: () => void) => {
      started.push(name);
      release();
      return Promise.resolve();
    };
    commands.run('first', BARRIER);
    const rest = ['a', 'b', 'c'].map((name) => commands.queue.run(BARRIER, quick(name)));
    await commands.end('first');
    await Promise.all(rest);
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('goes on after a command that fails', async () => {
    const commands = new Commands();
    commands.run('a', BARRIER);
    commands.run('b', BARRIER);
    await commands.end('a', new HubError('forbidden'));
    expect(commands.settled).toEqual(['a: forbidden']);
    expect(commands.started).toEqual(['a', 'b']);
  });

  it('refuses what waits when its own time is up, counted from its arrival, all together', async () => {
    const commands = new Commands();
    commands.run('hangs', BARRIER);
    commands.run('a', BARRIER);
    commands.run('b', trigger());
    await jest.advanceTimersByTimeAsync(1_500);
    commands.run('later', BARRIER);
    await jest.advanceTimersByTimeAsync(500);
    expect(commands.settled).toEqual(['a: relay-unavailable', 'b: relay-unavailable']);
    await jest.advanceTimersByTimeAsync(1_500);
    expect(commands.settled.at(-1)).toBe('later: relay-unavailable');
    expect(commands.started).toEqual(['hangs']);
  });

  it('refuses nothing while commands before it are done, however many they are', async () => {
    const commands = new Commands();
    for (const name of ['a', 'b', 'c', 'd']) commands.run(name, BARRIER);
    for (const name of ['a', 'b', 'c']) {
      await jest.advanceTimersByTimeAsync(1_999);
      await commands.end(name);
    }
    expect(commands.started).toEqual(['a', 'b', 'c', 'd']);
    commands.run('e', BARRIER);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(commands.settled).toEqual(['a', 'b', 'c', 'e: relay-unavailable']);
  });

  it('refuses all that waits when the command before it gets no answer, and what comes then anew', async () => {
    const commands = new Commands();
    commands.run('a', BARRIER);
    await jest.advanceTimersByTimeAsync(1_900);
    for (const name of ['b', 'c']) commands.run(name, BARRIER);
    await jest.advanceTimersByTimeAsync(99);
    await commands.end('a', new HubError('relay-unavailable'));
    expect(commands.settled.toSorted()).toEqual(['a', 'b', 'c'].map((name) => `${name}: relay-unavailable`));
    commands.run('d', BARRIER);
    expect(commands.started).toEqual(['a', 'd']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    ['is refused for want of the relay at once', 10, new HubError('relay-unavailable')],
    ['fails otherwise after as long', 1_999, new HubError('forbidden')],
  ])('starts what waits when the command before it %s', async (_, afterMs, error) => {
    const commands = new Commands();
    for (const name of ['a', 'b']) commands.run(name, BARRIER);
    await jest.advanceTimersByTimeAsync(afterMs);
    await commands.end('a', error);
    expect(commands.started).toEqual(['a', 'b']);
  });

  it('starts triggers that waited for a barrier alone when the barrier is refused', async () => {
    const commands = new Commands();
    commands.run('hangs', trigger('one'));
    commands.run('subscribe', BARRIER);
    await jest.advanceTimersByTimeAsync(500);
    commands.run('same', trigger('one'));
    commands.run('other', trigger('two'));
    await jest.advanceTimersByTimeAsync(1_500);
    expect(commands.settled).toEqual(['subscribe: relay-unavailable']);
    expect(commands.started).toEqual(['hangs', 'same']);
    await jest.advanceTimersByTimeAsync(500);
    expect(commands.settled.at(-1)).toBe('other: relay-unavailable');
  });

  it('starts nothing that was refused', async () => {
    const commands = new Commands();
    commands.run('hangs', BARRIER);
    commands.run('a', BARRIER);
    await jest.advanceTimersByTimeAsync(2_000);
    await commands.end('hangs');
    expect(commands.started).toEqual(['hangs']);
    commands.run('b', BARRIER);
    expect(commands.started).toEqual(['hangs', 'b']);
  });
});
