import { describe, expect, it } from '@jest/globals';
import { credentialsOf, requestedSessionOf, type HandshakeRequest } from './socketio.credentials.js';

describe('credentialsOf', () => {
  const headers = { authorization: 'Bearer of-header' };
  const query = { access_token: 'of-query' };

  it.each([
    [{ auth: { token: 'of-auth' }, headers, query }, { token: 'of-auth' }],
    [{ auth: {}, headers, query }, { token: 'of-header' }],
    [{ auth: {}, headers: {}, query }, { token: 'of-query' }],
    [{ auth: { token: 'of-auth' }, headers: { authorization: 'Basic eA==' }, query }, { token: 'of-auth' }],
    [{ auth: { token: 7 }, headers, query }, {}],
    [{ auth: Object.create({ token: 'inherited' }) as object, headers: {}, query: {} }, {}],
  ])('reads %j as %j', (handshake, credentials) => {
    expect(credentialsOf(handshake as HandshakeRequest)).toEqual(credentials);
  });

  it('refuses another scheme than Bearer', () => {
    const basic = { authorization: 'Basic eA==' };
    expect(() => credentialsOf({ auth: {}, headers: basic, query })).toThrow(
      expect.objectContaining({ code: 'unauthorized' }),
    );
  });
});

describe('requestedSessionOf', () => {
  it.each([
    [{ subscriberId: 'a' }, {}, { subscriberId: 'a' }],
    [{ subscriberId: 'a', resume: 'on-subscribe' }, {}, { subscriberId: 'a', resume: 'on-subscribe' }],
    [{}, { subscriberId: 'a', resume: 'on-connect' }, { subscriberId: 'a', resume: 'on-connect' }],
    [{ subscriberId: 'a' }, { subscriberId: 'b', resume: 'c' }, { subscriberId: 'a', resume: 'c' }],
    [{ subscriberId: null }, { subscriberId: 'b' }, { subscriberId: 'b' }],
    [{ subscriberId: 7, resume: '' }, {}, { subscriberId: 7, resume: '' }],
    [Object.create({ subscriberId: 'inherited' }) as object, {}, {}],
  ])('reads auth %j and query %j as %j', (auth, query, requested) => {
    expect(requestedSessionOf({ auth, headers: {}, query } as HandshakeRequest)).toEqual(requested);
  });
});
