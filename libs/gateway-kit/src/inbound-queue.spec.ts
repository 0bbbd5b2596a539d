import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_LIMITS, type CloseReason, type InboundLimits } from '@ringback/contract';
import type { CommandRate, Identity } from '@ringback/core';
import { InboundControl } from './inbound-control.js';
import type { InboundQueue } from './inbound-queue.js';

const SOMEBODY: Identity = { name: 'somebody' };
const INVALID = 'bad-request';

/** A client, and what becomes of what it sends. */
class Client {
  readonly done: number[] = [];
  readonly closedFor: string[] = [];
  readonly reads: string[] = [];
  bufferedBytes = 0;
  keptAlive = 0;
  readonly gateway = 'test';
  readonly inbound: InboundQueue;
  private sent = 0;

  constructor(control: InboundControl) {
    this.inbound = control.open(this);
    this.inbound.onTooMuch((reason: CloseReason) => this.closedFor.push(reason.name));
  }

  pause(): void {
    this.reads.push('pause');
  }

  resume(): void {
    this.reads.push('resume');
  }

  keepAlive(): void {
    this.keptAlive += 1;
  }

  /** Commands, each in a piece of its own; none is answered. */
  sends(count: number, bytes = 1): this {
    for (let index = 0; index < count; index += 1) {
      const number = this.sent++;
      this.inbound.add(bytes, () => {
        this.done.push(number);
        this.inbound.begin();
      });
    }
    return this;
  }

  /** The hub answers some of them. */
  answers(count: number): void {
    for (let index = 0; index < count; index += 1) this.inbound.end();
  }
}

/** The real one, by which the ticks and microtasks of a turn are over. */
const immediate = setImmediate;

describe('InboundQueue', () => {
  const pauses: string[] = [];
  let rates: { anonymous?: CommandRate; known?: CommandRate };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    pauses.length = 0;
    rates = {};
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function node(limits: Partial<InboundLimits> = {}): InboundControl {
    return InboundControl.of({
      limits: { ...DEFAULT_LIMITS, ...limits },
      commandRate: (identity) => (identity ? rates.known : rates.anonymous),
      onInboundPaused: (gateway, cause) => {
        pauses.push(`${gateway} ${cause}`);
        return () => pauses.push(`${cause} is over`);
      },
      onInboundExceeded: (gateway, { name }) => pauses.push(`${gateway} ${name}`),
    });
  }

  /** One turn of the event loop. */
  const turn = async (): Promise<void> => {
    jest.advanceTimersToNextTimer();
    await new Promise((resolve) => immediate(resolve));
  };

  describe('fairness', () => {
    it('does what comes at once, in its own turn, and leaves nothing to be done', async () => {
      const client = new Client(node());
      client.sends(1);
      expect(client.done).toEqual([0]);
      await turn();
      expect(jest.getTimerCount()).toBe(0);
    });

    it('begins 32 commands of a connection in a turn, and goes on in the next ones, in order', async () => {
      const client = new Client(node()).sends(100);
      expect(client.done).toHaveLength(32);
      await turn();
      expect(client.done).toHaveLength(64);
      await turn();
      await turn();
      expect(client.done).toEqual(Array.from({ length: 100 }, (_, index) => index));
    });

    it('begins 32 commands of all connections together at once, then gives those that wait their shares of a turn', async () => {
      const control = node();
      const [first, second] = [new Client(control).sends(96), new Client(control).sends(96)];
      const seen: number[][] = [[first.done.length, second.done.length]];
      for (let count = 0; count < 3; count += 1) {
        await turn();
        seen.push([first.done.length, second.done.length]);
      }
      expect(seen).toEqual([
        [32, 0],
        [48, 16],
        [64, 32],
        [80, 48],
      ]);
      expect(new Client(control).sends(1).done).toEqual([0]);
    });

    it('starts afresh in each turn: a client that never sent much at once waits for nobody', async () => {
      const control = node();
      const client = new Client(control);
      for (let count = 0; count < 100; count += 1) {
        client.sends(1).answers(1);
        expect(client.done).toHaveLength(count + 1);
        while (jest.getTimerCount() > 0) await turn();
      }
    });

    it('counts each part of what came in one piece', async () => {
      const client = new Client(node());
      let left = 50;
      client.inbound.add(50, () => --left > 0);
      expect(left).toBe(18);
      client.sends(1);
      expect(client.done).toEqual([]);
      await turn();
      expect([left, client.done]).toEqual([0, [0]]);
    });
  });

  describe('window', () => {
    it('pauses the socket at 256 commands without an answer and resumes at half of them', async () => {
      const client = new Client(node({ commandsPerTurn: 1_000 })).sends(255);
      expect(client.reads).toEqual([]);
      client.sends(1);
      expect(client.reads).toEqual(['pause']);
      client.answers(127);
      expect(client.reads).toEqual(['pause']);
      client.answers(1);
      expect(client.reads).toEqual(['pause', 'resume']);
      expect(pauses).toEqual(['test window', 'window is over']);
    });

    it('begins no more than 256 although more had been read already, and refuses none', () => {
      const client = new Client(node({ commandsPerTurn: 1_000 })).sends(1_000);
      expect(client.done).toHaveLength(256);
      client.answers(744);
      expect(client.done).toHaveLength(1_000);
    });

    it('pauses the socket at 1 MiB of commands without an answer and resumes at half', () => {
      const client = new Client(node()).sends(4, 256 * 1024);
      expect(client.reads).toEqual(['pause']);
      client.sends(1, 10);
      expect(client.done).toHaveLength(4);
      client.answers(1);
      expect([client.reads, client.done.length]).toEqual([['pause'], 5]);
      client.answers(2);
      expect(client.reads).toEqual(['pause', 'resume']);
    });

    it('pauses the socket while 256 KiB of replies are unread, until half of them are read', async () => {
      const client = new Client(node()).sends(2);
      client.bufferedBytes = 256 * 1024 + 1;
      client.answers(1);
      expect(pauses).toEqual(['test unread']);
      client.sends(1);
      expect(client.done).toHaveLength(2);
      client.bufferedBytes = 128 * 1024 + 1;
      await jest.advanceTimersByTimeAsync(1_000);
      expect(client.reads).toEqual(['pause']);
      client.bufferedBytes = 128 * 1024;
      await jest.advanceTimersByTimeAsync(50);
      expect([client.reads, client.done.length]).toEqual([['pause', 'resume'], 3]);
      await turn();
      expect(jest.getTimerCount()).toBe(0);
    });

    it('counts nothing that has been done and was no command', async () => {
      const client = new Client(node({ commandsPerConnection: 2 }));
      for (let index = 0; index < 5; index += 1) client.inbound.add(1, () => false);
      for (let count = 0; count < 3; count += 1) await turn();
      expect(client.reads.at(-1)).not.toBe('pause');
    });

    it('lets no silence count while it is paused', async () => {
      const client = new Client(node({ commandsPerConnection: 1 })).sends(1);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(client.keptAlive).toBe(20);
      client.answers(1);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(client.keptAlive).toBe(20);
    });
  });

  describe('rate', () => {
    /** How many a client begins in so many milliseconds that has more to send than it may, and is answered at once. */
    async function begun(client: Client, ms: number): Promise<number> {
      const before = client.done.length;
      for (let passed = 0; passed < ms; passed += 50) {
        await jest.advanceTimersByTimeAsync(50);
        client.answers(client.done.length - before - (begunSoFar.get(client) ?? 0));
        begunSoFar.set(client, client.done.length - before);
      }
      begunSoFar.delete(client);
      return client.done.length - before;
    }
    const begunSoFar = new Map<Client, number>();

    const unbounded = { commandsPerConnection: 1_000_000, commandsPerTurn: 1_000_000 };

    it('holds a client back that has used up its burst, and lets it go on at its rate', async () => {
      rates.known = { perSecond: 5_000, burst: 10_000 };
      const client = new Client(node(unbounded));
      client.inbound.admit(SOMEBODY);
      client.sends(30_000);
      expect(client.done).toHaveLength(10_000);
      expect(pauses).toEqual(['test rate']);
      expect(await begun(client, 1_000)).toBe(5_000);
      expect(client.reads).toEqual(['pause']);
    });

    it('counts all that comes of a client that has not said who it is', async () => {
      rates.anonymous = { perSecond: 500, burst: 2_000 };
      const client = new Client(node(unbounded));
      const seen: number[] = [];
      for (let index = 0; index < 5_000; index += 1) client.inbound.add(1, () => void seen.push(index));
      expect(seen).toHaveLength(2_000);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(seen).toHaveLength(2_500);
    });

    it('does not count acknowledgements, nor what comes without a rate', () => {
      rates.known = { perSecond: 1, burst: 10 };
      const client = new Client(node(unbounded));
      client.inbound.admit(SOMEBODY);
      for (let index = 0; index < 100; index += 1) client.inbound.add(1, () => client.inbound.begin(true));
      expect(pauses).toEqual([]);
      rates.known = undefined as never;
      const other = new Client(node(unbounded));
      other.inbound.admit(SOMEBODY);
      expect(other.sends(50_000).done).toHaveLength(50_000);
    });
  });

  describe('excess', () => {
    it('closes at 100 invalid commands within 10 s, and not at fewer', async () => {
      const client = new Client(node());
      for (let index = 0; index < 99; index += 1) client.inbound.fail(INVALID);
      await jest.advanceTimersByTimeAsync(10_001);
      for (let index = 0; index < 99; index += 1) client.inbound.fail('forbidden');
      client.inbound.fail('not-found');
      client.inbound.fail('relay-unavailable');
      expect(client.closedFor).toEqual([]);
      client.inbound.fail(INVALID);
      expect(client.closedFor).toEqual(['too-many-invalid-commands']);
      expect(pauses).toEqual(['test too-many-invalid-commands']);
    });

    it('closes at the third refused attempt to connect', () => {
      const client = new Client(node());
      client.inbound.refuse();
      client.inbound.refuse();
      expect(client.closedFor).toEqual([]);
      client.inbound.refuse();
      expect(client.closedFor).toEqual(['too-many-refusals']);
    });

    it.each([
      ['counts who ends after 10 s without having said who it is', 10_000, false, ['test connect-timeout']],
      ['does not count who ends before', 9_999, false, []],
      ['does not count who has said it', 10_000, true, []],
    ])('%s', (_, ms, isAdmitted, counted) => {
      const client = new Client(node());
      if (isAdmitted) client.inbound.admit(SOMEBODY);
      jest.advanceTimersByTime(ms);
      client.inbound.finish(() => undefined);
      expect([pauses, client.closedFor]).toEqual([counted, []]);
    });

    it('closes who leaves replies unread for 30 s', async () => {
      const client = new Client(node()).sends(1);
      client.bufferedBytes = 300_000;
      client.answers(1);
      await jest.advanceTimersByTimeAsync(29_900);
      expect(client.closedFor).toEqual([]);
      await jest.advanceTimersByTimeAsync(200);
      expect(client.closedFor[0]).toBe('replies-unread');
    });
  });

  describe('the end', () => {
    it('still does what waits when the client has gone, in turns, and says so then', async () => {
      const client = new Client(node()).sends(40);
      let finished = false;
      client.inbound.finish(() => (finished = true));
      expect([client.done.length, finished]).toEqual([32, false]);
      await turn();
      expect([client.done.length, finished]).toEqual([40, true]);
    });

    it('says so at once if nothing waits', () => {
      const client = new Client(node()).sends(3);
      let finished = false;
      client.inbound.finish(() => (finished = true));
      expect(finished).toBe(true);
    });

    it('does nothing more once it is closed, and leaves nothing paused', async () => {
      const client = new Client(node({ commandsPerConnection: 40 })).sends(100);
      expect(client.reads).toEqual(['pause']);
      client.inbound.close();
      client.sends(1);
      await jest.runAllTimersAsync();
      expect([client.done.length, client.reads]).toEqual([32, ['pause', 'resume']]);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
