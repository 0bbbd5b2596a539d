import { describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Position } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { MemoryCluster } from '@ringback/memory';
import type { PutResult } from './ports/subscription-store.port.js';
import { DistantStore, type StoreListener } from './testing/distant-store.js';
import { Random } from './testing/random.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { TestHub } from './testing/test-hub.js';

/** The last two have found faults. */
const SEEDS = [...Array.from({ length: 200 }, (_, index) => index + 1), 951, 1719];
const STEPS = 30;
const guid = parseEventGuid('e');

/** One subscription as the store had it, from `since` to the one-shot that ended it. */
interface Generation {
  readonly since: number;
  readonly cookies: Set<string>;
  cut: number;
}

/** What really happened, as the store saw it. */
class Truth implements StoreListener {
  readonly generations = new Map<string, Generation>();
  readonly acknowledged = new Map<string, number>();
  epoch = '';
  last = 0;

  onPut(cookie: string, { subscriptionId, since, position, ended }: PutResult): void {
    this.epoch = position.epoch;
    if (ended) return;
    const known = this.generations.get(subscriptionId);
    if (known) known.cookies.add(cookie);
    else {
      const generation = { since: since.offset, cookies: new Set([cookie]), cut: Infinity };
      this.generations.set(subscriptionId, generation);
    }
  }

  onTriggered(offset: number, oneShot: boolean): void {
    this.last = offset;
    if (!oneShot) return;
    for (const generation of this.generations.values()) {
      if (generation.cut === Infinity) generation.cut = offset;
    }
  }

  onTaken(connectionId: string, position: Position | undefined): void {
    this.acknowledged.set(connectionId, position?.offset ?? 0);
  }

  /** What has to arrive, with any of the cookies that the subscription had. */
  due(): Due[] {
    return [...this.generations.values()].flatMap(({ since, cookies, cut }) =>
      Array.from({ length: Math.min(cut, this.last) - since }, (_, index) => {
        const offset = since + index + 1;
        return { offset, cookies, isCut: offset === cut };
      }),
    );
  }

  /** The subscription to which the delivery belongs. */
  generationOf({ offset, cookie }: Arrived): Generation | undefined {
    return this.having(cookie).find(({ since, cut }) => since < offset && offset <= cut);
  }

  /** Whether there was a subscription for it; one that ended at once was not stored. */
  knows(one: Arrived): boolean {
    return this.generationOf(one) !== undefined || this.having(one.cookie).length === 0;
  }

  private having(cookie: string): Generation[] {
    return [...this.generations.values()].filter(({ cookies }) => cookies.has(cookie));
  }
}

interface Due {
  readonly offset: number;
  readonly cookies: ReadonlySet<string>;
  readonly isCut: boolean;
}

interface Arrived {
  readonly offset: number;
  readonly cookie: string;
}

function arrivedAt({ frames }: RecordingConnection): Arrived[] {
  return frames.map((frame) => ({
    offset: Number(frame.split(':')[0]),
    cookie: frame.split('→')[1] ?? '',
  }));
}

/** A client that does everything at once, and comes and goes. */
class RestlessClient {
  readonly connections: RecordingConnection[] = [];
  /** What was answered to each connection: from this position on, this cookie. */
  readonly answered = new Map<RecordingConnection, { after: number; cookie: string }[]>();
  private readonly underWay = new Set<Promise<unknown>>();
  private cookies = 0;

  constructor(
    private readonly nodes: readonly TestHub[],
    private readonly truth: Truth,
    private readonly random: Random,
  ) {}

  get connection(): RecordingConnection {
    return this.connections.at(-1) ?? this.comeBack();
  }

  comeBack(): RecordingConnection {
    const before = this.connections.at(-1);
    const mode = this.random.chance(0.5) ? 'on-connect' : 'on-subscribe';
    if (before && this.random.chance(0.5)) this.nodeOf(before).disconnect(before);
    const connection = this.nodes[this.random.below(this.nodes.length)]!.connectNamed(mode);
    this.connections.push(connection);
    if (before && this.random.chance(0.5)) this.nodeOf(before).disconnect(before);
    return connection;
  }

  step(): void {
    const { connection, random } = this;
    const kind = random.next();
    if (kind < 0.4) this.run(this.nodes[random.below(2)]!.trigger('e', '', { removeAfterSend: kind < 0.1 }));
    else if (kind < 0.65) this.run(this.subscribe(connection, random.chance(0.3)));
    else if (kind < 0.85) this.acknowledge(connection);
    else if (kind < 0.92) this.nodeOf(connection).disconnect(connection);
    else this.comeBack();
  }

  async subscribe(connection: RecordingConnection, withPosition: boolean): Promise<void> {
    const cookie = `c${++this.cookies}`;
    const after = withPosition ? this.lastSeen() : undefined;
    const { position, ended } = await this.nodeOf(connection).subscribe(connection, 'e', cookie, after);
    if (ended) return;
    const answered = this.answered.get(connection) ?? [];
    this.answered.set(connection, [...answered, { after: position.offset, cookie }]);
  }

  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  arrived(): Arrived[] {
    return this.connections.flatMap(arrivedAt);
  }

  private acknowledge(connection: RecordingConnection): void {
    const arrived = arrivedAt(connection);
    const one = arrived[this.random.below(arrived.length)];
    if (!one) return;
    const { epoch } = this.truth;
    this.run(this.nodeOf(connection).acknowledge(connection, 'e', { epoch, offset: one.offset }));
  }

  private lastSeen(): Position | undefined {
    const offsets = this.arrived().map(({ offset }) => offset);
    return offsets.length === 0 ? undefined : { epoch: this.truth.epoch, offset: Math.max(...offsets) };
  }

  /** A command may fail: its connection ended, or its answer was lost. */
  private run(command: Promise<unknown>): void {
    const run: Promise<unknown> = command
      .catch((error: unknown) => expect(error).toMatchObject({ code: expect.stringMatching(EXPECTED) }))
      .finally(() => this.underWay.delete(run));
    this.underWay.add(run);
  }

  private nodeOf({ connectionId }: RecordingConnection): TestHub {
    return this.nodes.find(({ hub }) => connectionId.startsWith(`${hub.nodeId}-`))!;
  }
}

const EXPECTED = /^(closed|relay-unavailable|not-found|bad-request)$/;

interface Conditions {
  readonly lossRate: number;
  readonly deafness: number;
  /** Envelopes that the history keeps. */
  readonly kept: number;
  readonly isDue: (due: Due) => boolean;
}

const PERFECT: Conditions = { lossRate: 0, deafness: 0, kept: 1_000, isDue: () => true };

describe('a named subscriber that comes and goes while triggers and one-shots race', () => {
  const round = async (
    seed: number,
    { lossRate, deafness, kept, isDue }: Conditions,
  ): Promise<{ truth: Truth; client: RestlessClient }> => {
    const random = new Random(seed);
    const cluster = new MemoryCluster({ history: { envelopes: kept } });
    const truth = new Truth();
    const store = new DistantStore(random, guid, truth);
    const nodes = [0, 1].map(() => new TestHub(cluster, { ports: store.reach(cluster.node()) }));
    for (const { hub } of nodes) await hub.start();
    const client = new RestlessClient(nodes, truth, random);

    Object.assign(store, { lossRate, deafness });
    for (let step = 0; step < STEPS; step++) {
      client.step();
      await random.turns(3);
    }
    await client.idle();
    // Whoever was about to take the session has done so.
    for (let turn = 0; turn < 50; turn++) await new Promise<void>((resume) => void setImmediate(resume));

    Object.assign(store, { lossRate: 0, deafness: 0 });
    client.connections.push(nodes[0]!.connectNamed());
    const lacking = () => {
      const arrived = client.arrived();
      return truth
        .due()
        .filter(isDue)
        .filter((due) => !arrived.some((one) => one.offset === due.offset && due.cookies.has(one.cookie)));
    };
    await waitFor(() => lacking().length === 0).catch(() =>
      expect({ seed, lacking: lacking() }).toBe('whole'),
    );
    for (const { hub } of nodes) await hub.drain();
    for (const { log } of nodes) expect(log.at('error')).toEqual([]);
    return { truth, client };
  };

  /** In order, each offset once, nothing that was acknowledged before it came, and each within the subscription of its cookie. */
  const expectOrder = (seed: number, truth: Truth, connection: RecordingConnection): void => {
    const arrived = arrivedAt(connection);
    const offsets = arrived.map(({ offset }) => offset);
    expect({ seed, offsets }).toEqual({ seed, offsets: [...new Set(offsets)].toSorted((x, y) => x - y) });
    const acknowledged = truth.acknowledged.get(connection.connectionId) ?? 0;
    expect({ seed, early: offsets.filter((offset) => offset <= acknowledged) }).toEqual({ seed, early: [] });
    for (const one of arrived)
      expect({ seed, one, known: truth.knows(one) }).toEqual({ seed, one, known: true });
  };

  /** What was answered to this connection counts for what comes after it. */
  const expectCookies = (
    seed: number,
    client: RestlessClient,
    truth: Truth,
    connection: RecordingConnection,
  ) => {
    for (const one of arrivedAt(connection)) {
      const answered = client.answered.get(connection)?.findLast(({ after }) => after < one.offset);
      if (!answered || !truth.generationOf(one)?.cookies.has(answered.cookie)) continue;
      expect({ seed, ...one }).toEqual({ seed, ...one, cookie: answered.cookie });
    }
  };

  it.each([
    ['while no answer is lost', { ...PERFECT }],
    ['while answers are lost', { ...PERFECT, lossRate: 0.05 }],
    ['while envelopes are lost on the way', { ...PERFECT, deafness: 0.2 }],
    [
      'each one-shot at least, while envelopes are lost that the history has not kept',
      { lossRate: 0.02, deafness: 0.2, kept: 2, isDue: ({ isCut }: Due) => isCut },
    ],
  ])(
    `gets everything, in order, once on each connection, with its cookie, %s`,
    async (_, conditions) => {
      for (const seed of SEEDS) {
        const { truth, client } = await round(seed, conditions);
        for (const connection of client.connections) {
          expectOrder(seed, truth, connection);
          if (conditions.lossRate === 0) expectCookies(seed, client, truth, connection);
        }
      }
    },
    SEEDS.length * 200,
  );
});
