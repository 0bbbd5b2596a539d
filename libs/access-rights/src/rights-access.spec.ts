import { describe, expect, it } from '@jest/globals';
import { describeAccessPolicy } from '@ringback/conformance';
import { HubError, parseEventGuid } from '@ringback/contract';
import type { AccessPolicy, Identity, TokenVerifier, VerifiedToken } from '@ringback/core';
import { RightsAccess } from './rights-access.js';

const LISTED: Identity = { name: 'shop' };

/** Knows one token, and is out of order for another. */
const list: AccessPolicy = {
  authenticate({ token }) {
    if (token === 'later') return Promise.reject(new HubError('relay-unavailable'));
    return token === 'listed' ? Promise.resolve(LISTED) : Promise.reject(new HubError('unauthorized'));
  },
  allows: (_identity, action) => action === 'trigger',
  allowsSubscriber: (_identity, subscriberId) => subscriberId === 'till',
};

const ORDERS = { subscribe: ['order-*', 'user-{sub}'], subscribers: ['device-{sub}'] };

const tokens: Readonly<Record<string, VerifiedToken>> = {
  ann: { subject: 'ann', expiresAt: 7_000, claims: { sub: 'ann', ringback: ORDERS } },
  bare: { subject: 'bob', claims: { sub: 'bob' } },
  nobody: { claims: { ringback: { trigger: ['order-*'] } } },
  empty: { claims: {} },
  broken: { subject: 'eve', claims: { ringback: { trigger: ['order-*', 's3cret\\'] } } },
  inherited: {
    subject: 'eve',
    claims: Object.create({ ringback: { trigger: ['*'] } }) as object as Record<string, unknown>,
  },
  'bad-1': { subject: 'a\nb', claims: { ringback: { trigger: ['*'] } } },
  'bad-2': { subject: 'x'.repeat(257), claims: {} },
  'bad-3': { subject: '', claims: {} },
};

const verifier: TokenVerifier = {
  verify(token) {
    const verified = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
    return verified ? Promise.resolve(verified) : Promise.reject(new HubError('unauthorized'));
  },
};

const anonymous = { signalr: { subscribe: ['door-*'] }, http: {}, '*': { trigger: ['ping'] } };
const policy = new RightsAccess({ policies: [list], verifier, anonymous });

describeAccessPolicy('RightsAccess', {
  policy,
  known: [
    {
      credentials: { token: 'listed' },
      name: 'shop',
      may: ['trigger'],
      subscribers: { may: ['till'], mayNot: ['device-ann'] },
    },
    {
      credentials: { token: 'ann' },
      name: 'sub:ann',
      may: ['subscribe'],
      answers: [
        ['subscribe', 'order-1', true],
        ['subscribe', 'user-ann', true],
        ['subscribe', 'user-bob', false],
        ['trigger', 'order-1', false],
      ],
      subscribers: { may: ['device-ann'], mayNot: ['device-bob', 'till'] },
    },
    { credentials: { token: 'bare' }, name: 'sub:bob', may: [], subscribers: { may: [], mayNot: ['till'] } },
    {
      credentials: { token: 'nobody' },
      name: 'anonymous',
      may: ['trigger'],
      answers: [['trigger', 'order-1', true]],
    },
    { credentials: { token: 'empty', gateway: 'http' }, name: 'anonymous', may: [] },
    { credentials: { token: 'inherited' }, name: 'sub:eve', may: [] },
    {
      credentials: { gateway: 'signalr' },
      name: 'anonymous',
      may: ['subscribe'],
      answers: [
        ['subscribe', 'door-1', true],
        ['subscribe', 'order-1', false],
        ['trigger', 'ping', false],
      ],
      subscribers: { may: [], mayNot: ['till'] },
    },
    {
      credentials: { gateway: 'sse' },
      name: 'anonymous',
      may: ['trigger'],
      answers: [['trigger', 'ping', true]],
    },
    { credentials: {}, name: 'anonymous', may: ['trigger'], answers: [['trigger', 'ping', true]] },
  ],
  unknown: [
    { token: 'wrong' },
    { token: '' },
    { token: 'constructor' },
    { token: 'broken' },
    { token: 'bad-1' },
    { token: 'bad-2' },
    { token: 'bad-3' },
  ],
});

describe('RightsAccess', () => {
  it('says when the token of an identity ends, and who is nobody in particular', async () => {
    expect(await policy.authenticate({ token: 'ann' })).toEqual({ name: 'sub:ann', expiresAt: 7_000 });
    expect(await policy.authenticate({ token: 'nobody' })).toEqual({ name: 'anonymous', anonymous: true });
    expect(await policy.authenticate({})).toEqual({ name: 'anonymous', anonymous: true });
  });

  it('says where the rights of a token are wrong, and not what stands there', async () => {
    const refusal: unknown = await policy.authenticate({ token: 'broken' }).catch((error: unknown) => error);
    expect(String(refusal)).toContain('The rights in the token are none: trigger[1] has a backslash');
    expect(String(refusal)).not.toContain('s3cret');
  });

  it('asks nobody else while one that may know the token cannot say', async () => {
    await expect(policy.authenticate({ token: 'later' })).rejects.toMatchObject({
      code: 'relay-unavailable',
    });
  });

  it('lets nobody in without a token where no anonymous rights are given', async () => {
    const closed = new RightsAccess({ policies: [list], verifier });
    for (const credentials of [{}, { gateway: 'signalr' }, { token: 'empty' }])
      await expect(closed.authenticate(credentials)).rejects.toMatchObject({ code: 'unauthorized' });
    const one = new RightsAccess({ anonymous: { signalr: {} } });
    expect(await one.authenticate({ gateway: 'signalr' })).toMatchObject({ anonymous: true });
    await expect(one.authenticate({ gateway: 'sse' })).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(one.authenticate({ token: 'ann' })).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('reads the rights in another claim, if it is told to', async () => {
    const claims = { 'https://hub.example/rights': { trigger: ['a'] }, ringback: { trigger: ['b'] } };
    const other = new RightsAccess({
      verifier: { verify: () => Promise.resolve({ subject: 'ann', claims }) },
      claim: 'https://hub.example/rights',
    });
    const identity = await other.authenticate({ token: 'any' });
    const may = ['a', 'b'].map((guid) => other.allows(identity, 'trigger', parseEventGuid(guid)));
    expect(may).toEqual([true, false]);
  });

  it('takes no subject for the name of somebody else whom the hub knows', async () => {
    const [listed, ann] = [await policy.authenticate({ token: 'listed' }), tokens['ann']];
    const other = new RightsAccess({
      verifier: { verify: () => Promise.resolve({ ...ann, subject: listed.name, claims: {} }) },
    });
    expect((await other.authenticate({ token: 'any' })).name).not.toBe(listed.name);
  });
});
