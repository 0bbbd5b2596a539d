import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { credentialsOf } from './socketio.credentials.js';
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
