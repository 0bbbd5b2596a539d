import { describe, expect, it } from '@jest/globals';
import { describeAccessPolicy } from '@ringback/conformance';
import { TokenAccess } from './token-access.js';

const SUBSCRIBE = ['subscribe', 'presence', 'history'] as const;
const TRIGGER = ['trigger', 'oneShot'] as const;
const OPERATE = ['read', 'subscriptions', 'connections', 'drain', 'revoke'] as const;

const policy = new TokenAccess([
  { token: 'secret of the shop', name: 'shop', actions: ['trigger'] },
  { token: 'another secret of the shop', name: 'shop', actions: ['subscribe'] },
  { token: 'geheim 🔔', name: 'operator', actions: ['subscribe', 'trigger', 'operate'] },
  { token: 'idle', name: 'guest', actions: [] },
  { token: 'bound', name: 'shop', actions: ['subscribe'], subscriberId: 'worker 1' },
  {
    token: 'orders only',
    name: 'ann',
    rights: {
      subscribe: ['order-*', 'user-{sub}'],
      trigger: ['order-*'],
      deny: { subscribe: ['order-secret-*'] },
      operate: ['read'],
      subscribers: ['till-*'],
    },
  },
  { token: 'bound to one', name: 'ann', rights: { subscribe: ['*'] }, subscriberId: 'worker 2' },
]);

describeAccessPolicy('TokenAccess', {
  policy,
  known: [
    { credentials: { token: 'secret of the shop' }, name: 'shop', may: TRIGGER },
    { credentials: { token: 'another secret of the shop' }, name: 'shop', may: SUBSCRIBE },
    {
      credentials: { token: 'geheim 🔔' },
      name: 'operator',
      may: [...SUBSCRIBE, ...TRIGGER, ...OPERATE],
    },
    { credentials: { token: 'idle' }, name: 'guest', may: [] },
    { credentials: { token: 'bound' }, name: 'shop', may: SUBSCRIBE },
    {
      credentials: { token: 'orders only' },
      name: 'ann',
      may: ['subscribe', 'trigger', 'read'],
      answers: [
        ['subscribe', 'order-1', true],
        ['subscribe', 'order-secret-1', false],
        ['subscribe', 'user-ann', true],
        ['subscribe', 'user-bob', false],
        ['trigger', 'order-secret-1', true],
        ['trigger', 'user-ann', false],
        ['oneShot', 'order-1', false],
      ],
      subscribers: { may: ['till-1'], mayNot: ['worker 1', ''] },
    },
    {
      credentials: { token: 'bound to one' },
      name: 'ann',
      may: ['subscribe'],
      subscribers: { may: ['worker 2'], mayNot: ['worker 1'] },
    },
  ],
  unknown: [
    {},
    { token: '' },
    { token: 'secret of the sho' },
    { token: 'secret of the shop ' },
    { token: 'SECRET OF THE SHOP' },
    { token: 'x'.repeat(100_000) },
  ],
});

describe('TokenAccess', () => {
  it('lets nobody in where no token is configured', async () => {
    const empty = new TokenAccess([]);
    await expect(empty.authenticate({ token: 'any' })).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(empty.authenticate({})).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('takes no empty token into its list', () => {
    const build = () => new TokenAccess([{ token: '', name: 'nobody', actions: ['operate'] }]);
    expect(build).toThrow('empty');
  });

  it('binds an identity to the subscriberId of its grant, and no other', async () => {
    expect(await policy.authenticate({ token: 'bound' })).toEqual({
      name: 'shop',
      subscriberId: 'worker 1',
    });
    expect(await policy.authenticate({ token: 'another secret of the shop' })).toEqual({ name: 'shop' });
  });

  it('takes nothing into its list that is no subscriberId', () => {
    const build = () => new TokenAccess([{ token: 't', name: 'a', actions: [], subscriberId: '' }]);
    expect(build).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  it('takes no rights into its list that are none', () => {
    const build = () => new TokenAccess([{ token: 't', name: 'a', rights: { subscribe: ['{'] } }]);
    expect(build).toThrow('subscribe[0] has a {');
  });

  it('looks in a new list from then on, and lets those who came before keep what they were granted', async () => {
    const changing = new TokenAccess([{ token: 'old', name: 'a', actions: ['trigger'] }]);
    const before = await changing.authenticate({ token: 'old' });
    changing.replace([{ token: 'new', name: 'a', rights: { trigger: ['b'] } }]);
    await expect(changing.authenticate({ token: 'old' })).rejects.toMatchObject({ code: 'unauthorized' });
    const after = await changing.authenticate({ token: 'new' });
    expect([before, after].map((identity) => changing.allows(identity, 'trigger', 'a'))).toEqual([
      true,
      false,
    ]);
  });

  it('keeps the old list where there is something wrong with the new one', async () => {
    const changing = new TokenAccess([{ token: 'old', name: 'a', actions: ['trigger'] }]);
    expect(() => changing.replace([{ token: 'new', name: 'a', rights: { trigger: ['\\'] } }])).toThrow();
    expect(await changing.authenticate({ token: 'old' })).toEqual({ name: 'a' });
    await expect(changing.authenticate({ token: 'new' })).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('allows nothing to an identity that only has the right name', () => {
    expect(policy.allows({ name: 'operator' }, 'read')).toBe(false);
  });
});
