import { describe, expect, it } from '@jest/globals';
import { check } from './check.js';
import { Disturbances } from './disturbances.js';
import type { Happening } from './history.js';
import {
  acknowledged,
  asked,
  calm,
  connected,
  crashed,
  delivered,
  gap,
  NODE,
  replaced,
  sessions,
  stored,
  subscribed,
} from './testing/named-samples.js';
import { KEEPS_ALL, kinds, MAY_LOSE, nodes, timed, triggered } from './testing/samples.js';

const cut = { oneShot: true };
const ended = { ended: true };
/** Two triggers, delivered on connection 1. */
const begun = [
  ...connected(1),
  ...subscribed(1, 1, 'A:0'),
  ...triggered(1, 'A:1'),
  ...triggered(2, 'A:2'),
  delivered(1, 1, 1),
  delivered(1, 1, 2),
];
const returned = [crashed(1), ...connected(2)];

describe('what a named subscriber is allowed', () => {
  it('a whole history, over connections, one-shots, another cookie and a replaced connection, has no violation', () => {
    const whole = [
      ...begun,
      ...acknowledged(1, 1, 'A:1'),
      ...calm,
      ...triggered(3, 'A:3', cut),
      ...returned,
      delivered(1, 2, 2),
      delivered(1, 2, 3, ended),
      ...triggered(4, 'A:4'),
      ...subscribed(2, 2, 'A:4'),
      ...triggered(5, 'A:5'),
      ...connected(3),
      replaced(2),
      { kind: 'disconnected', subscriber: 'n', connection: 2, why: 'io server disconnect' } as const,
      delivered(1, 3, 2),
      delivered(1, 3, 3, ended),
      delivered(2, 3, 5),
      ...subscribed(3, 3, 'A:5'),
      ...triggered(6, 'A:6'),
      delivered(3, 3, 6),
      ...acknowledged(2, 3, 'A:6'),
      nodes(NODE, 'node2'),
      stored({ cookie: 'of 3', nodeId: NODE, pending: 0 }),
      sessions([]),
    ];
    expect(check(timed(whole), KEEPS_ALL)).toEqual([]);
    expect(check(timed(whole), MAY_LOSE)).toEqual([]);
  });

  it('what an acknowledgement covers need not come again, and may come again when its node died with it', () => {
    const killed = [
      ...acknowledged(1, 1, 'A:2'),
      { kind: 'disturbed', what: 'kill-node', hits: NODE } as const,
      ...calm,
    ];
    expect(kinds([...begun, ...killed, ...returned])).toEqual([]);
    expect(kinds([...begun, ...killed, ...returned, delivered(1, 2, 1), delivered(1, 2, 2)])).toEqual([]);
  });

  it('an announced gap covers what does not come on its connection', () => {
    const lost = [...begun, ...returned, gap(2, 'A:0', 'A:2'), delivered(1, 2, 2, { recovered: false })];
    expect(kinds(lost)).toEqual([]);
  });

  it('a cookie whose answer was lost may have been stored', () => {
    const unanswered = [...begun, asked(2, 1), ...returned, delivered(2, 2, 1), delivered(2, 2, 2)];
    expect(kinds(unanswered)).toEqual([]);
  });

  it('either of two cookies is stored where the answer to the newer one was lost', () => {
    for (const cookie of ['of 1', 'of 2'])
      expect(kinds([...begun, asked(2, 1), stored({ cookie, nodeId: NODE }), nodes(NODE, 'node2')])).toEqual(
        [],
      );
  });

  it('an older connection goes on with its cookie until it is told that it was replaced', () => {
    const newer = [...connected(2), delivered(1, 2, 1), delivered(1, 2, 2), ...subscribed(2, 2, 'A:2')];
    expect(
      kinds([
        ...begun,
        ...newer,
        ...triggered(3, 'A:3'),
        delivered(2, 2, 3),
        delivered(1, 1, 3),
        replaced(1),
      ]),
    ).toEqual([]);
  });

  it('who comes late though it was begun earlier replaces', () => {
    const late = [...connected(1), crashed(1), ...connected(2), replaced(2)];
    expect(kinds(late)).toEqual([]);
  });

  it('whose subscriber is away is listed', () => {
    expect(
      kinds([
        ...begun,
        crashed(1),
        sessions(['n'], ['n']),
        ...connected(2),
        delivered(1, 2, 1),
        delivered(1, 2, 2),
      ]),
    ).toEqual([]);
  });
});

describe('what is found of a named subscriber', () => {
  it.each<[string, Happening[], string]>([
    ['an envelope never comes', [...begun, ...triggered(3, 'A:3')], 'missing'],
    ['a one-shot never comes', [...begun, ...triggered(3, 'A:3', cut)], 'missing'],
    [
      'what came while it was away never comes',
      [...begun, ...acknowledged(1, 1, 'A:2'), crashed(1), ...triggered(3, 'A:3'), ...connected(2)],
      'missing',
    ],
    ['what was not acknowledged does not come again', [...begun, ...returned], 'unreplayed'],
    [
      'a one-shot that was not acknowledged does not come again',
      [
        ...begun,
        ...triggered(3, 'A:3', cut),
        delivered(1, 1, 3, ended),
        ...acknowledged(1, 1, 'A:2'),
        ...returned,
      ],
      'unreplayed',
    ],
    [
      'a connection begins after what was acknowledged',
      [...begun, ...acknowledged(1, 1, 'A:1'), ...returned, ...triggered(3, 'A:3'), delivered(1, 2, 3)],
      'unreplayed',
    ],
    [
      'an older connection had a hole',
      [
        ...begun,
        ...returned,
        delivered(1, 2, 2),
        crashed(2),
        ...connected(3),
        delivered(1, 3, 1),
        delivered(1, 3, 2),
      ],
      'unreplayed',
    ],
    [
      'the gap was announced on another connection',
      [...begun, gap(1, 'A:0', 'A:2'), ...returned],
      'unreplayed',
    ],
    [
      'what was acknowledged comes again',
      [...begun, ...acknowledged(1, 1, 'A:1'), ...calm, ...returned, delivered(1, 2, 1), delivered(1, 2, 2)],
      'acknowledged',
    ],
    [
      'what was acknowledged comes again two connections later',
      [
        ...begun,
        ...acknowledged(1, 1, 'A:1'),
        ...calm,
        ...returned,
        delivered(1, 2, 2),
        crashed(2),
        ...connected(3),
        delivered(1, 3, 1),
        delivered(1, 3, 2),
      ],
      'acknowledged',
    ],
    ['an offset comes twice on one connection', [...begun, delivered(1, 1, 2)], 'twice'],
    [
      'two offsets come the wrong way round on one connection',
      [...begun, ...returned, delivered(1, 2, 2), delivered(1, 2, 1)],
      'order',
    ],
    [
      'a one-shot stands at two positions',
      [
        ...begun,
        ...triggered(3, 'A:3', cut),
        delivered(1, 1, 3, ended),
        ...returned,
        delivered(1, 2, 1),
        delivered(1, 2, 2),
        delivered(1, 2, 3, { ...ended, position: 'A:4' }),
      ],
      'key-twice',
    ],
    [
      'a one-shot comes again as none',
      [...begun, ...triggered(3, 'A:3', cut), delivered(1, 1, 3)],
      'one-shot',
    ],
    ['a cookie was never left', [...connected(1), delivered(9, 1, 1)], 'cookie'],
    [
      'an older cookie than the one that counted',
      [...begun, ...subscribed(2, 1, 'A:2'), ...triggered(3, 'A:3'), delivered(1, 1, 3)],
      'cookie',
    ],
    [
      'a cookie before its time, on its own connection',
      [
        ...connected(1),
        ...subscribed(1, 1, 'A:0'),
        ...triggered(1, 'A:1'),
        ...subscribed(2, 1, 'A:1'),
        delivered(2, 1, 1),
      ],
      'cookie',
    ],
    [
      'the cookie of the generation after the one-shot',
      [
        ...begun,
        ...triggered(3, 'A:3', cut),
        delivered(1, 1, 3, ended),
        ...subscribed(2, 1, 'A:3'),
        ...returned,
        delivered(2, 2, 1),
      ],
      'cookie',
    ],
    [
      'what came before the subscription',
      [...triggered(1, 'A:1'), ...connected(1), ...subscribed(1, 1, 'A:1'), delivered(1, 1, 1)],
      'cookie',
    ],
    [
      'a generation after its one-shot, on another connection',
      [
        ...begun,
        ...triggered(3, 'A:3', cut),
        delivered(1, 1, 3, ended),
        ...triggered(4, 'A:4'),
        ...returned,
        delivered(1, 2, 4),
      ],
      'after-end',
    ],
    [
      'a generation whose beginning was not answered, after its one-shot',
      [
        ...connected(1),
        asked(1, 1),
        ...triggered(1, 'A:1', cut),
        ...triggered(2, 'A:2'),
        delivered(1, 1, 1, ended),
        delivered(1, 1, 2),
      ],
      'after-end',
    ],
    ['it is closed as replaced by nobody', [...begun, replaced(1)], 'replaced'],
    [
      'it is closed as replaced by another subscriber',
      [...begun, ...connected(2, NODE, 'm'), replaced(1)],
      'replaced',
    ],
    ['two connections stay', [...connected(1), ...connected(2), sessions([])], 'replaced'],
    [
      'the older of two goes on long after the newer one has acknowledged',
      [
        ...begun,
        ...connected(2),
        delivered(1, 2, 1),
        delivered(1, 2, 2),
        ...acknowledged(1, 2, 'A:1'),
        ...calm,
        ...triggered(3, 'A:3'),
        delivered(1, 1, 3),
        delivered(1, 2, 3),
      ],
      'replaced',
    ],
    ['a subscription that goes on is not stored', [...begun, stored()], 'stored'],
    [
      'an older cookie is stored',
      [...begun, ...subscribed(2, 1, 'A:2'), stored({ cookie: 'of 1', nodeId: NODE })],
      'ghost',
    ],
    [
      'a subscription that a one-shot has ended is stored',
      [
        ...begun,
        ...triggered(3, 'A:3', cut),
        delivered(1, 1, 3, ended),
        stored({ cookie: 'of 1', nodeId: NODE }),
      ],
      'ghost',
    ],
    [
      'something is pending though all is acknowledged',
      [...begun, ...acknowledged(1, 1, 'A:2'), stored({ cookie: 'of 1', nodeId: NODE, pending: 1 })],
      'pending',
    ],
    ['who is there is listed as away', [...begun, sessions(['n'])], 'session'],
    ['who is away is not listed', [...begun, crashed(1), sessions([], ['n'])], 'session'],
  ])('%s', (_what, happenings, kind) => {
    expect(kinds(happenings)).toContain(kind);
  });

  it.each<[string, Happening[], string]>([
    ['an offset comes twice on one connection', [...begun, delivered(1, 1, 2)], 'twice'],
    ['a cookie was never left', [...connected(1), delivered(9, 1, 1)], 'cookie'],
  ])('where Redis may lose something: %s', (_what, happenings, kind) => {
    expect(kinds(happenings, MAY_LOSE)).toContain(kind);
  });
});

describe('Disturbances', () => {
  const at = (when: number, happening: Happening) => ({ ...happening, at: when });
  const disturbances = new Disturbances([
    at(1_000, { kind: 'disturbed', what: 'pause-node 1', hits: 'node1' }),
    at(2_000, { kind: 'healed', what: 'pause-node 1', hits: 'node1' }),
    at(20_000, { kind: 'disturbed', what: 'kill-redis 1', hits: 'redis' }),
  ]);

  it.each<[string, number, number, boolean]>([
    ['node1', 0, 900, true],
    ['node1', 500, 2_500, false],
    ['node2', 500, 2_500, true],
    ['node1', 500, 9_000, true],
    ['node2', 20_000, 60_000, false],
  ])('tell whether %s had a calm 900 ms from %i to %i ms: %s', (nodeId, from, to, calmThere) => {
    expect(disturbances.hasCalm([nodeId], from, to, 900)).toBe(calmThere);
  });
});
