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

  it('allows nothing to an identity that only has the right name', () => {
    expect(policy.allows({ name: 'operator' }, 'read')).toBe(false);
  });
});
