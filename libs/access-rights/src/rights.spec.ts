import { describe, expect, it } from '@jest/globals';
import type { Action } from '@ringback/core';
import { CompiledRights } from './compiled-rights.js';
import { InvalidRightsError } from './invalid-rights.error.js';
import { parseRights } from './parse-rights.js';

const WHOLE = {
  subscribe: ['order-*', 'user-{sub}'],
  trigger: ['order-*'],
  oneShot: ['job-*'],
  presence: ['room-*'],
  history: [],
  deny: { subscribe: ['order-secret-*'] },
  operate: ['read', 'subscriptions', 'connections', 'drain', 'revoke'],
  subscribers: ['device-7'],
  limits: { connections: 5, triggersPerSecond: 100 },
  info: { displayName: 'Ann' },
};

const rightsOf = (value: unknown, claims = {}) => new CompiledRights(parseRights(value), claims);

describe('parseRights', () => {
  it('takes a whole object, an empty one, and 64 patterns of 256 bytes', () => {
    expect(parseRights(WHOLE)).toEqual(WHOLE);
    expect(parseRights({})).toEqual({});
    const most = { subscribe: Array.from({ length: 64 }, () => 'é'.repeat(128)) };
    expect(parseRights(most)).toEqual(most);
  });

  it.each<readonly [problem: string, value: unknown]>([
    ['rights is no object', undefined],
    ['rights is no object', null],
    ['rights is no object', ['subscribe']],
    ['rights is no object', '*'],
    ['rights has a key that is none of subscribe, trigger,', { Subscribe: ['s3cret'] }],
    ['rights has a key that is none of subscribe, trigger,', JSON.parse('{"__proto__":["s3cret"]}')],
    ['subscribe is no list', { subscribe: 's3cret' }],
    ['subscribe is no list', { subscribe: null }],
    ['trigger[1] is no text', { trigger: ['a', 7] }],
    ['trigger[0] is longer than 256 bytes', { trigger: ['s3cret'.repeat(50)] }],
    ['trigger[0] is longer than 256 bytes', { trigger: ['é'.repeat(129)] }],
    ['trigger[0] holds a lone surrogate', { trigger: ['s3cret\ud800'] }],
    ['oneShot[0] has a backslash before something else than', { oneShot: ['s3cret\\n'] }],
    ['oneShot[0] has a backslash before something else than', { oneShot: ['s3cret\\'] }],
    ['history[0] has a { that begins no name of a claim', { history: ['s3cret{sub'] }],
    ['history[0] has a { that begins no name of a claim', { history: ['s3cret{}'] }],
    ['presence has more than 64 entries', { presence: Array.from({ length: 65 }, () => 's3cret') }],
    [
      'rights has more than 64 patterns in all',
      { subscribe: Array.from({ length: 63 }, () => 'a'), subscribers: ['b'], deny: { trigger: ['c'] } },
    ],
    ['deny is no object', { deny: ['s3cret'] }],
    [
      'deny has a key that is none of subscribe, trigger, oneShot, presence, history',
      { deny: { operate: [] } },
    ],
    ['deny.subscribe[0] is no text', { deny: { subscribe: [{}] } }],
    [
      'operate[1] is none of read, subscriptions, connections, drain, revoke',
      { operate: ['read', 's3cret'] },
    ],
    ['operate is no list', { operate: 'read' }],
    ['subscribers[0] is no text', { subscribers: [1] }],
    ['limits has a key that is none of connections, triggersPerSecond', { limits: { s3cret: 1 } }],
    ['limits.connections is no whole number of at least 1', { limits: { connections: 0 } }],
    ['limits.triggersPerSecond is no whole number', { limits: { triggersPerSecond: '100' } }],
    ['info is no object', { info: 's3cret' }],
    ['info is longer than 1024 bytes', { info: { displayName: 's3cret'.repeat(200) } }],
  ])('says where it is wrong, and not what stands there: %s', (problem, value) => {
    const parse = () => parseRights(value);
    expect(parse).toThrow(InvalidRightsError);
    expect(parse).toThrow(expect.objectContaining({ message: expect.stringContaining(problem) }));
    expect(parse).not.toThrow('s3cret');
  });
});

describe('CompiledRights', () => {
  it('allows what the patterns of an action match, and nothing for one that is absent', () => {
    const rights = rightsOf({ subscribe: ['order-*', 'news'], oneShot: [] });
    expect(['order-', 'order-7', 'news'].map((guid) => rights.allows('subscribe', guid))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['order', 'news-1', 'x'].some((guid) => rights.allows('subscribe', guid))).toBe(false);
    for (const action of ['trigger', 'oneShot', 'presence', 'history'] as const)
      expect(rights.allows(action, 'order-7')).toBe(false);
  });

  it('lets deny win, for its action alone', () => {
    const rights = rightsOf({ subscribe: ['*'], trigger: ['*'], deny: { subscribe: ['order-secret-*'] } });
    expect(rights.allows('subscribe', 'order-1')).toBe(true);
    expect(rights.allows('subscribe', 'order-secret-1')).toBe(false);
    expect(rights.allows('trigger', 'order-secret-1')).toBe(true);
  });

  it('takes an escaped character for itself', () => {
    const rights = rightsOf({ subscribe: ['a\\*', 'b\\\\*', '\\{sub\\}'] }, { sub: 'x' });
    expect(['a*', 'b\\', 'b\\x', '{sub}'].map((guid) => rights.allows('subscribe', guid))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['ab', 'a', 'a\\*', 'x', 'b'].some((guid) => rights.allows('subscribe', guid))).toBe(false);
  });

  it('puts the text of a claim in its place, letter for letter', () => {
    const rights = (sub: unknown) => rightsOf({ subscribe: ['user-{sub}-*'] }, { sub });
    expect(rights('ann').allows('subscribe', 'user-ann-1')).toBe(true);
    expect(rights('ann').allows('subscribe', 'user-bob-1')).toBe(false);
    expect(rights('*').allows('subscribe', 'user-*-1')).toBe(true);
    expect(rights('*').allows('subscribe', 'user-bob-1')).toBe(false);
    expect(rights('{aud}').allows('subscribe', 'user-{aud}-1')).toBe(true);
    expect(rights('\\*').allows('subscribe', 'user-*-1')).toBe(false);
  });

  it.each([undefined, null, 7, true, ['ann'], { toString: () => 'ann' }])(
    'matches nothing where the claim is %p',
    (sub) => {
      const rights = rightsOf({ subscribe: ['user-{sub}', '{sub}*', '*{sub}'] }, { sub });
      for (const guid of ['user-', 'user-ann', 'user-7', `user-${String(sub)}`, '', 'x'])
        expect(rights.allows('subscribe', guid)).toBe(false);
    },
  );

  it('finds no claim on a prototype', () => {
    const rights = rightsOf({ subscribe: ['{constructor}*', '{__proto__}*', '{toString}*'] });
    expect(rights.allows('subscribe', 'x')).toBe(false);
    expect(rights.allows('subscribe')).toBe(false);
  });

  it('lets operators do what is listed, whatever the event', () => {
    const rights = rightsOf({ operate: ['read'] });
    expect([rights.allows('read'), rights.allows('read', 'e')]).toEqual([true, true]);
    for (const action of ['subscriptions', 'connections', 'drain', 'revoke'] satisfies Action[])
      expect(rights.allows(action)).toBe(false);
  });

  it('lets its holder be the durable subscribers that are listed, and none where none is', () => {
    const rights = rightsOf({ subscribers: ['device-7', 'till-{sub}'] }, { sub: 'ann' });
    expect(['device-7', 'till-ann', 'device-8', 'till-bob'].map((id) => rights.allowsSubscriber(id))).toEqual(
      [true, true, false, false],
    );
    expect(rightsOf({ subscribe: ['*'] }).allowsSubscriber('device-7')).toBe(false);
  });

  it('keeps limits and info for those who ask', () => {
    const { limits, info } = rightsOf(WHOLE);
    expect({ limits, info }).toEqual({ limits: WHOLE.limits, info: WHOLE.info });
    expect(rightsOf({})).toMatchObject({ limits: {}, info: undefined });
  });
});
