import { describe, expect, it } from '@jest/globals';
import { check } from './check.js';
import type { Delivered, Happening } from './history.js';
import { planDisturbances } from './schedule.js';
import { invoked, KEEPS_ALL, kinds, MAY_LOSE, nodes, timed, triggered } from './testing/samples.js';

const asked = (name: string): Happening => ({
  kind: 'asked',
  subscription: name,
  subscriber: name,
  eventguid: 'e',
  cookie: `of ${name}`,
});
const subscribed = (name: string, position = 'A:0'): Happening[] => [
  asked(name),
  { kind: 'subscribed', subscription: name, eventguid: 'e', position },
];
const delivered = (
  subscription: string,
  trigger: number,
  position: string,
  more: Partial<Delivered> = {},
): Happening => ({
  kind: 'delivered',
  subscription,
  eventguid: 'e',
  cookie: `of ${subscription}`,
  position,
  trigger,
  ...more,
});
const gap = (subscription: string, after: string, position: string): Happening => ({
  kind: 'gap',
  subscription,
  eventguid: 'e',
  after,
  position,
});
const ended = (subscription: string): Happening => ({
  kind: 'ended',
  subscription,
  eventguid: 'e',
  why: 'unsubscribed',
});
const stored = (cookies: readonly string[], subscribers = cookies.length, nodeId = 'node1'): Happening => ({
  kind: 'stored',
  eventguid: 'e',
  subscriptions: cookies.map((cookie) => ({ cookie, nodeId })),
  subscribers,
});
const two = [...subscribed('s'), ...triggered(1, 'A:1'), ...triggered(2, 'A:2')];
const oneShot = { oneShot: true };

describe('what is allowed', () => {
  it('a whole history has no violation', () => {
    const whole = [
      ...two,
      delivered('s', 1, 'A:1'),
      delivered('s', 2, 'A:2'),
      ...triggered(3, 'A:3', oneShot),
      delivered('s', 3, 'A:3', { ended: true }),
      ended('s'),
      ...subscribed('t', 'A:3'),
      nodes('node2', 'node1'),
      stored(['of t']),
    ];
    expect(check(timed(whole), KEEPS_ALL)).toEqual([]);
    expect(check(timed(whole), MAY_LOSE)).toEqual([]);
  });

  it('an announced gap covers what is missing', () => {
    expect(kinds([...two, gap('s', 'A:0', 'A:2'), delivered('s', 2, 'A:2', { recovered: false })])).toEqual(
      [],
    );
  });

  it('what was accepted before a subscription is not due to it', () => {
    expect(kinds([...triggered(1, 'A:1'), ...subscribed('s', 'A:1')])).toEqual([]);
  });

  it('a trigger of unknown fate may never be delivered', () => {
    const lost: Happening[] = [
      invoked(1),
      { kind: 'unknown', trigger: 1, attempt: 1, code: 'relay-unavailable' },
    ];
    expect(kinds([...subscribed('s'), ...lost])).toEqual([]);
  });

  it('a key may stand at one position in each epoch where Redis may lose something', () => {
    const again = [...triggered(1, 'A:1'), ...triggered(1, 'B:1', { attempt: 2 })];
    const whole = [...again, ...subscribed('s', 'B:1')];
    expect(kinds(whole, MAY_LOSE)).toEqual([]);
    expect(kinds(whole)).toEqual(['key-twice']);
  });
});

describe('what is found', () => {
  it.each<[string, Happening[], string]>([
    ['the last envelope is missing', [...two, delivered('s', 1, 'A:1')], 'missing'],
    ['one in the middle is missing', [...two, delivered('s', 2, 'A:2')], 'missing'],
    [
      'the gap does not reach far enough',
      [...two, gap('s', 'A:0', 'A:1'), delivered('s', 1, 'A:1')],
      'missing',
    ],
    [
      'the gap was announced to another subscription',
      [...subscribed('t', 'A:2'), ...two, gap('t', 'A:0', 'A:2')],
      'missing',
    ],
    [
      'what one subscription received of unknown fate is missing at another',
      [
        ...subscribed('s'),
        ...subscribed('t'),
        invoked(1),
        { kind: 'unknown', trigger: 1, attempt: 1, code: 'timeout' },
        delivered('s', 1, 'A:1'),
      ],
      'missing',
    ],
    ['a one-shot is missing', [...subscribed('s'), ...triggered(1, 'A:1', oneShot)], 'missing'],
    ['a hole before the end of a subscription', [...two, delivered('s', 2, 'A:2'), ended('s')], 'missing'],
    [
      'what an epoch that was closed has accepted is missing after it',
      [...subscribed('s'), ...triggered(1, 'A:1'), ...triggered(2, 'B:2'), delivered('s', 2, 'B:2')],
      'missing',
    ],
    [
      'an offset comes twice',
      [...two, delivered('s', 1, 'A:1'), delivered('s', 2, 'A:2'), delivered('s', 2, 'A:2')],
      'twice',
    ],
    [
      'two offsets come the wrong way round',
      [...two, delivered('s', 2, 'A:2'), delivered('s', 1, 'A:1')],
      'order',
    ],
    [
      'an epoch comes before the one that it followed',
      [
        ...subscribed('s'),
        ...triggered(1, 'A:1'),
        ...triggered(2, 'B:2'),
        delivered('s', 2, 'B:2'),
        delivered('s', 1, 'A:1'),
      ],
      'order',
    ],
    [
      'a one-shot does not end the subscription',
      [...subscribed('s'), ...triggered(1, 'A:1', oneShot), delivered('s', 1, 'A:1')],
      'one-shot',
    ],
    [
      'a plain trigger ends the subscription',
      [...subscribed('s'), ...triggered(1, 'A:1'), delivered('s', 1, 'A:1', { ended: true })],
      'one-shot',
    ],
    [
      'something comes after a one-shot',
      [
        ...subscribed('s'),
        ...triggered(1, 'A:1', oneShot),
        ...triggered(2, 'A:2', oneShot),
        delivered('s', 1, 'A:1', { ended: true }),
        delivered('s', 2, 'A:2', { ended: true }),
      ],
      'after-end',
    ],
    [
      'something comes after unsubscribing',
      [...two, delivered('s', 1, 'A:1'), ended('s'), delivered('s', 2, 'A:2')],
      'after-end',
    ],
    [
      'two triggers are accepted at one position',
      [...triggered(1, 'A:1'), ...triggered(2, 'A:1')],
      'position-reused',
    ],
    [
      'one position is delivered as two triggers',
      [...subscribed('s'), ...triggered(1, 'A:1'), invoked(2), delivered('s', 2, 'A:1')],
      'position-reused',
    ],
    [
      'one key is accepted at two positions',
      [...triggered(1, 'A:1'), ...triggered(1, 'A:2', { attempt: 2 })],
      'key-twice',
    ],
    [
      'one key is delivered at another position than was accepted',
      [...subscribed('s'), ...triggered(1, 'A:1'), delivered('s', 1, 'A:2')],
      'key-twice',
    ],
    [
      'the cookie is of another subscriber',
      [...two, delivered('s', 1, 'A:1', { cookie: 'of t' }), delivered('s', 2, 'A:2')],
      'cookie',
    ],
    ['a subscription that goes on is not stored', [...subscribed('s'), stored([])], 'stored'],
    ['the number of subscriptions is wrong', [...subscribed('s'), stored(['of s'], 2)], 'stored'],
    ['a subscription that has ended is stored', [...subscribed('s'), ended('s'), stored(['of s'])], 'ghost'],
    ['a subscription is stored twice', [...subscribed('s'), stored(['of s', 'of s'])], 'ghost'],
    [
      'a node that does not run holds a subscription',
      [...subscribed('s'), nodes('node1', 'node2'), stored(['of s'], 1, 'node9')],
      'ghost',
    ],
    ['a node that does not run is listed', [nodes('node1', 'node2', 'node9')], 'ghost'],
    ['a node that runs is not listed', [nodes('node1')], 'ghost'],
    ['an attempt has no outcome', [invoked(1)], 'outcome'],
    [
      'an attempt has two outcomes',
      [...triggered(1, 'A:1'), { kind: 'refused', trigger: 1, attempt: 1, code: 'draining' }],
      'outcome',
    ],
    [
      'something is delivered that nobody triggered',
      [...subscribed('s'), delivered('s', 9, 'A:1')],
      'phantom',
    ],
    [
      'something is delivered that was refused',
      [
        ...subscribed('s'),
        invoked(1),
        { kind: 'refused', trigger: 1, attempt: 1, code: 'draining' },
        delivered('s', 1, 'A:1'),
      ],
      'phantom',
    ],
    ['a node does not come back', [{ kind: 'unready', nodeId: 'node1' }], 'unready'],
    ['a node ends by itself', [{ kind: 'crashed', nodeId: 'node1', output: '' }], 'crashed'],
  ])('%s', (_what, happenings, kind) => {
    expect(kinds(happenings)).toContain(kind);
  });

  it.each<[string, Happening[], string]>([
    ['an accepted envelope is missing in its own epoch', [...two, delivered('s', 1, 'A:1')], 'missing'],
    [
      'what was triggered after the subscription is missing in another epoch',
      [...two, ...triggered(3, 'B:1'), delivered('s', 1, 'A:1'), delivered('s', 2, 'A:2')],
      'missing',
    ],
    [
      'an epoch that was over returns',
      [
        ...two,
        ...triggered(3, 'B:1'),
        delivered('s', 1, 'A:1'),
        delivered('s', 3, 'B:1'),
        delivered('s', 2, 'A:2'),
      ],
      'order',
    ],
    [
      'one key has two positions in one epoch',
      [...triggered(1, 'A:1'), ...triggered(1, 'A:2', { attempt: 2 })],
      'key-twice',
    ],
  ])('where Redis may lose something: %s', (_what, happenings, kind) => {
    expect(kinds(happenings, MAY_LOSE)).toContain(kind);
  });
});

describe('the schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planDisturbances(7, 60_000)).toEqual(planDisturbances(7, 60_000));
    expect(planDisturbances(7, 60_000)).not.toEqual(planDisturbances(8, 60_000));
  });

  it('ends within the run, and no lane overlaps itself', () => {
    for (const lane of planDisturbances(7, 60_000)) {
      for (const [index, { atMs, forMs }] of lane.entries())
        expect(atMs + forMs).toBeLessThanOrEqual(lane[index + 1]?.atMs ?? 60_000);
    }
  });
});
