import { Random } from './random.js';

export type NodeDisturbance = 'kill-node' | 'pause-node' | 'drain-node';
export type RedisDisturbance = 'kill-redis' | 'pause-redis';
export type LinkDisturbance = 'cut-redis-link' | 'swallow-redis-link' | 'cut-door' | 'swallow-door';

/** One thing that the nemesis does, and undoes after a while. */
export interface Disturbance {
  /** Since the start of the run. */
  readonly atMs: number;
  readonly kind: NodeDisturbance | RedisDisturbance | LinkDisturbance;
  /** Which node or door. */
  readonly target: number;
  readonly forMs: number;
}

/** Disturbances of one kind of thing, one after the other; lanes run beside each other. */
export type Lane = readonly Disturbance[];

interface LanePlan {
  readonly kinds: readonly [Disturbance['kind'], ...Disturbance['kind'][]];
  readonly targets: number;
  readonly forMs: readonly [number, number];
  readonly restMs: readonly [number, number];
}

const NODES = 3;
const DOORS = 4;

const PLANS: readonly LanePlan[] = [
  {
    kinds: ['kill-node', 'pause-node', 'drain-node'],
    targets: NODES,
    forMs: [300, 7_000],
    restMs: [3_000, 8_000],
  },
  { kinds: ['kill-redis', 'pause-redis'], targets: 1, forMs: [200, 5_000], restMs: [7_000, 16_000] },
  {
    kinds: ['cut-redis-link', 'swallow-redis-link'],
    targets: NODES,
    forMs: [500, 6_000],
    restMs: [2_500, 8_000],
  },
  { kinds: ['cut-door', 'swallow-door'], targets: DOORS, forMs: [500, 5_000], restMs: [2_000, 7_000] },
];

/** All that will happen within a run, decided by its seed alone. */
export function planDisturbances(seed: number, lastsMs: number): readonly Lane[] {
  const random = new Random(seed);
  return PLANS.map((plan) => planLane(random, plan, lastsMs));
}

function planLane(random: Random, { kinds, targets, forMs, restMs }: LanePlan, lastsMs: number): Lane {
  const lane: Disturbance[] = [];
  for (let atMs = random.between(...restMs); ;) {
    const length = random.between(...forMs);
    if (atMs + length > lastsMs) return lane;
    lane.push({ atMs, kind: random.pick(kinds), target: random.between(0, targets), forMs: length });
    atMs += length + random.between(...restMs);
  }
}
