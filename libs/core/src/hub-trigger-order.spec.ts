import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Published, type Trigger } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import type { Relay } from './ports/relay.port.js';
import { deferred, replaced } from './testing/replaced.js';
import { TestHub } from './testing/test-hub.js';

const ANYONE = { name: 'anyone' };
const POSITION = { epoch: 'x', offset: 7 };

/** A guard for triggers of one type, which a spec lets go on. */
class GateGuard {
  readonly asked: string[] = [];
  private readonly gates = new Map<string, (answer: Published | undefined) => void>();

  concerns({ type }: Trigger): boolean {
    return type === 'guarded';
  }

  async answer({ data }: Trigger): Promise<Published | undefined> {
    this.asked.push(String(data));
    const gate = deferred<Published | undefined>();
    this.gates.set(String(data), gate.resolve);
    return gate.promise;
  }

  open(data: string, answer?: Published): void {
    this.gates.get(data)?.(answer);
  }
}

describe('Hub.trigger, called again before it has answered', () => {
  const published: string[] = [];
  let node: TestHub;
  let guard: GateGuard;

  /** The shard of an event is its first letter. */
  function shardedRelay(relay: Relay): Relay {
    return replaced(relay, {
      shardOf: (eventguid) => eventguid.slice(0, 1),
      publish: (trigger, receipt) => {
        published.push(String(trigger.data));
        return relay.publish(trigger, receipt);
      },
    });
  }

  function trigger(eventguid: string, data: string, sender?: string): ReturnType<TestHub['trigger']> {
    const type = data.startsWith('guarded') ? 'guarded' : 'free';
    const wanted = { eventguid: parseEventGuid(eventguid), data, type, removeAfterSend: false };
    return node.hub.trigger(ANYONE, wanted, sender === undefined ? {} : { sender });
  }

  beforeEach(() => {
    published.length = 0;
    const cluster = new MemoryCluster();
    node = new TestHub(cluster, { ports: { relay: shardedRelay(cluster.node().relay) } });
    guard = new GateGuard();
    node.hub.addTriggerGuard(guard);
  });

  it('has handed each to the relay before it returns, and gets ascending offsets', async () => {
    const answers = Array.from({ length: 1_000 }, (_, index) => {
      const answer = trigger('e', String(index), 'c');
      expect(published.at(-1)).toBe(String(index));
      return answer;
    });
    const offsets = (await Promise.all(answers)).map(({ position }) => position.offset);
    expect(offsets).toEqual(answers.map((_, index) => index + 1));
    expect(node.hub.shardOf(parseEventGuid('e'))).toBe('e');
  });

  it('lets nothing of the same sender and shard overtake one that a guard is asked about', async () => {
    const answers = [
      trigger('a1', 'guarded 1', 'c'),
      trigger('a2', 'free 2', 'c'),
      trigger('b', 'free 3', 'c'),
    ];
    answers.push(trigger('a1', 'free 4', 'other'), trigger('a1', 'free 5'), trigger('a1', 'guarded 6', 'c'));
    answers.push(trigger('a3', 'free 7', 'c'));
    expect(published).toEqual(['free 3', 'free 4', 'free 5']);
    expect(guard.asked).toEqual(['guarded 1', 'guarded 6']);
    guard.open('guarded 1');
    await answers[1];
    expect(published.slice(3)).toEqual(['guarded 1', 'free 2']);
    guard.open('guarded 6');
    await Promise.all(answers);
    expect(published.slice(5)).toEqual(['guarded 6', 'free 7']);
    const last = trigger('a1', 'free 8', 'c');
    expect(published.at(-1)).toBe('free 8');
    await last;
  });

  it('keeps the order though a later guard is the first to go on', async () => {
    const [first, second] = [trigger('a', 'guarded 1', 'c'), trigger('a', 'guarded 2', 'c')];
    guard.open('guarded 2');
    guard.open('guarded 1');
    expect((await first).position.offset).toBe(1);
    expect((await second).position.offset).toBe(2);
  });

  it('lets nothing overtake one whose guard is just letting it pass', async () => {
    for (let microtasks = 0; microtasks < 12; microtasks++) {
      published.length = 0;
      const first = trigger('a', 'guarded', 'c');
      guard.open('guarded');
      for (let count = 0; count < microtasks; count++) await Promise.resolve();
      const second = trigger('a', 'free', 'c');
      await Promise.all([first, second]);
      expect(published).toEqual(['guarded', 'free']);
    }
  });

  it('goes on behind one that a guard has answered or refused', async () => {
    const answered = trigger('a', 'guarded', 'c');
    const behind = trigger('a', 'free', 'c');
    guard.open('guarded', { position: POSITION, subscribers: 0, nodes: 0 });
    expect(await answered).toEqual({ position: POSITION, subscribers: 0, nodes: 0 });
    await behind;
    expect(published).toEqual(['free']);
    expect(node.metrics.count('triggered')).toBe(1);
  });

  it('asks a guard no more that was taken away', async () => {
    const remove = node.hub.addTriggerGuard({
      concerns: () => true,
      answer: () => Promise.reject(new Error('A guard that refuses.')),
    });
    await expect(trigger('a', 'free')).rejects.toThrow('A guard that refuses.');
    remove();
    await trigger('a', 'free');
  });

  it('is answered on acceptance; the receipt follows', async () => {
    await node.hub.start();
    await node.subscribe(node.connect(), 'e', 'c');
    const triggered = await node.trigger('e', 'd', {}, 1_000);
    expect(triggered).toMatchObject({ position: { offset: 1 }, subscribers: 1 });
    expect(await triggered.receipt).toEqual({ delivered: 1, queued: 0, dropped: 0, complete: true });
  });
});
