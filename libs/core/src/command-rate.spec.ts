import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { rateOf } from './command-rate.js';
import type { AccessPolicy, Identity } from './ports/access-policy.port.js';

const OPERATOR: Identity = { name: 'operator' };

function access(more: Partial<AccessPolicy> = {}): AccessPolicy {
  return {
    authenticate: () => Promise.resolve(OPERATOR),
    allows: (identity, action) => action !== 'connections' || identity === OPERATOR,
    ...more,
  };
}

const rate = (policy: AccessPolicy, identity?: Identity) => rateOf(policy, DEFAULT_LIMITS, identity);

describe('the rate of a client', () => {
  it('is 500 a second with a burst of 2,000 before it has said who it is, and if it is nobody in particular', () => {
    const anonymous = { perSecond: 500, burst: 2_000 };
    expect(rate(access())).toEqual(anonymous);
    expect(rate(access(), { name: 'guest', anonymous: true })).toEqual(anonymous);
  });

  it('is 5,000 a second with a burst of 10,000 once it is authenticated', () => {
    expect(rate(access(), { name: 'app' })).toEqual({ perSecond: 5_000, burst: 10_000 });
  });

  it.each([OPERATOR, { name: 'far-hub', unmetered: true }])('has no bound for %j', (identity) => {
    expect(rate(access(), identity)).toBeUndefined();
  });

  it('has no bound where everybody may do everything', () => {
    expect(rate(access({ isOpen: true }))).toBeUndefined();
    expect(rate(access({ isOpen: true }), { name: 'app' })).toBeUndefined();
  });
});
