import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TurnClock } from '@ringback/async';
import { waitFor } from '@ringback/conformance';
import { parseEventGuid } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import type { RecordingConnection } from './testing/recording-connection.js';
import { TestHub } from './testing/test-hub.js';

/** Turns that end when the test says so, in a time that passes with each look at it. */
class LookedAtTurns implements TurnClock {
  private time = 0;
  private tasks: (() => void)[] = [];

  now(): number {
    this.time += 1;
    return this.time;
  }

  nextTurn(task: () => void): void {
    this.tasks.push(task);
  }

  async turn(): Promise<void> {
    const tasks = this.tasks;
    this.tasks = [];
    for (const task of tasks) task();
    await settled();
  }
}

/** Promises have settled when a real turn is over. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

const COUNT = 300;
/** What fits into ten looks at the clock. */
const MOST_IN_ONE_TURN = 10;

describe('Hub, when many subscriptions leave at once', () => {
  let cluster: MemoryCluster;
  let turns: LookedAtTurns;
  let node: TestHub;

  beforeEach(() => {
    cluster = new MemoryCluster();
    turns = new LookedAtTurns();
    node = new TestHub(cluster, { ports: { turns } });
  });

  async function subscribed(connection: RecordingConnection): Promise<RecordingConnection> {
    for (let index = 0; index < COUNT; index++) await node.subscribe(connection, `e${index}`, 'c');
    return connection;
  }

  /** Lets turns pass until this node follows nothing any more. Answers how many events it left in each. */
  async function leavePerTurn(): Promise<number[]> {
    const left: number[] = [];
    let before = COUNT;
    await settled();
    while (before > 0) {
      const { events } = node.hub.figures();
      left.push(before - events);
      before = events;
      await turns.turn();
    }
    return left;
  }

  async function countStored(): Promise<number> {
    const { subscriptions } = cluster.node();
    const found = await Promise.all(
      Array.from({ length: COUNT }, (_, index) => subscriptions.event(parseEventGuid(`e${index}`))),
    );
    return found.filter((event) => (event?.subscribers ?? 0) > 0).length;
  }

  it.each([
    ['an ephemeral one', undefined],
    ['a durable one', { subscriberId: 's', resume: 'on-connect' }],
  ] as const)('drops those of a client that is gone a bounded piece a turn: %s', async (_, session) => {
    const connection = await subscribed(node.connect(session));
    node.disconnect(connection);
    expect(node.hub.figures().connections).toBe(0);
    const left = await leavePerTurn();
    expect(left.reduce((sum, one) => sum + one, 0)).toBe(COUNT);
    expect(Math.max(...left)).toBeLessThanOrEqual(MOST_IN_ONE_TURN);
    const stored = session ? COUNT : 0;
    while ((await countStored()) !== stored) await turns.turn();
  });

  it('delivers nothing to a client that is gone, and goes on for the others', async () => {
    const [gone, stays] = [await subscribed(node.connect()), node.connect()];
    await node.subscribe(stays, `e${COUNT - 1}`, 'mine');
    node.disconnect(gone);
    await node.trigger(`e${COUNT - 1}`, 'x');
    await waitFor(() => stays.frames.length > 0);
    expect(stays.frames).toEqual(['1:x→mine']);
    expect(gone.frames).toEqual([]);
  });

  it('leaves the cluster in a drain when all are gone, however many turns that takes', async () => {
    await subscribed(node.connect());
    const state = { isDrained: false };
    const drained = node.hub.drain().then(() => (state.isDrained = true));
    while (!state.isDrained) {
      await settled();
      await turns.turn();
    }
    await drained;
    expect(await countStored()).toBe(0);
    expect(node.hub.figures()).toMatchObject({ connections: 0, events: 0 });
  });
});
