import { describe, expect, it } from '@jest/globals';
import { SUBSCRIBER_ID_BYTES } from '@ringback/contract';
import type { IncomingMessage } from 'node:http';
import { credentialsOf, wantedSession, type Handshake } from './socketio.credentials.js';
import { ownerOf } from './socketio.requests.js';

const asking = (url: string) => ({ url }) as IncomingMessage;

describe('ownerOf', () => {
  it.each<readonly [string, string | undefined]>([
    ['/socket.io/?EIO=4&transport=polling&sid=node-1.aB_9-x', 'node-1'],
    ['/socket.io?sid=node_2.x', 'node_2'],
    ['/socket.io/?sid=a.x&sid=b.x', 'b'],
    ['/socket.io/?EIO=4&transport=polling', undefined],
    ['/socket.io/?sid=', undefined],
    ['/socket.io/?sid=a.x#&sid=b.x', 'a'],
    ['/socket.io/#?sid=a.x', undefined],
    ['/socket.io/?sid=nodeless', undefined],
    ['/socket.io/?sid=.x', undefined],
    ['/socket.io/?sid=a%0d%0ab.x', undefined],
    ['/socket.iox/?sid=node-1.x', undefined],
    ['/v1/stream?sid=node-1.x', undefined],
    ['//?sid=node-1.x', undefined],
    ['', undefined],
  ])('names the node of %s as %s', (url, nodeId) => {
    expect(ownerOf(asking(url))).toBe(nodeId);
  });

  it('names none for a preflight, which any node answers', () => {
    const preflight = { method: 'OPTIONS', url: '/socket.io/?sid=node-1.x' } as IncomingMessage;
    expect(ownerOf(preflight)).toBeUndefined();
  });

  it('looks under the path that it is given', () => {
    expect(ownerOf(asking('/events/?sid=node-1.x'), '/events')).toBe('node-1');
    expect(ownerOf(asking('/socket.io/?sid=node-1.x'), '/events')).toBeUndefined();
  });
});

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
    expect(credentialsOf(handshake as Parameters<typeof credentialsOf>[0])).toEqual(credentials);
  });

  it('refuses another scheme than Bearer', () => {
    const basic = { authorization: 'Basic eA==' };
    expect(() => credentialsOf({ auth: {}, headers: basic, query })).toThrow(
      expect.objectContaining({ code: 'unauthorized' }),
    );
  });
});

describe('wantedSession', () => {
  const anybody = { name: 'shop' };
  const handshake = (auth: object, query: object = {}) => ({ auth, headers: {}, query }) as Handshake;
  const onConnect = { subscriberId: 'worker 1', resume: 'on-connect' };

  it.each([
    [{ subscriberId: 'worker 1' }, {}, onConnect],
    [{ subscriberId: 'worker 1', resume: 'on-connect' }, {}, onConnect],
    [{ subscriberId: 'worker 1', resume: 'on-subscribe' }, {}, { ...onConnect, resume: 'on-subscribe' }],
    [{}, { subscriberId: 'worker 1' }, onConnect],
    [{}, { subscriberId: 'worker 1', resume: 'on-subscribe' }, { ...onConnect, resume: 'on-subscribe' }],
    [{ subscriberId: 'worker 1' }, { subscriberId: 'worker 2' }, onConnect],
    [{ subscriberId: null, token: 't' }, {}, undefined],
    [{}, {}, undefined],
    [Object.create({ subscriberId: 'inherited' }) as object, {}, undefined],
  ])('reads auth %j and query %j as %j', (auth, query, wanted) => {
    expect(wantedSession(handshake(auth, query), anybody)).toEqual(wanted);
  });

  it.each([
    [{ subscriberId: '' }, {}],
    [{ subscriberId: 7 }, {}],
    [{ subscriberId: ['a'] }, {}],
    [{ subscriberId: 'a\nb' }, {}],
    [{ subscriberId: '\ud800' }, {}],
    [{ subscriberId: 'x'.repeat(SUBSCRIBER_ID_BYTES + 1) }, {}],
    [{}, { subscriberId: ['a', 'b'] }],
    [{ subscriberId: 'a', resume: 'later' }, {}],
    [{ subscriberId: 'a', resume: true }, {}],
    [{ subscriberId: 'a' }, { resume: '' }],
  ])('refuses auth %j and query %j', (auth, query) => {
    expect(() => wantedSession(handshake(auth, query), anybody)).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });

  it('makes a client with a token of one subscriberId that subscriber and no other', () => {
    const bound = { name: 'shop', subscriberId: 'worker 1' };
    expect(wantedSession(handshake({ subscriberId: 'worker 1' }), bound)).toEqual(onConnect);
    expect(wantedSession(handshake({}), bound)).toEqual(onConnect);
    expect(wantedSession(handshake({ resume: 'on-subscribe' }), bound)).toEqual({
      ...onConnect,
      resume: 'on-subscribe',
    });
    expect(() => wantedSession(handshake({ subscriberId: 'worker 2' }), bound)).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });
});
