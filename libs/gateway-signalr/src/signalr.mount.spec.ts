import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { isHubTarget, ownerOf, plainTarget } from './signalr.paths.js';

describe('plainTarget', () => {
  it.each([
    ['/RealtimeEventPushHub', '/realtimeeventpushhub'],
    ['//a//realtimeEVENTpushhub/?id=X#y', '/realtimeeventpushhub?id=X'],
    ['/a/b/RealtimeEventPushHub//Negotiate?a=1?b', '/realtimeeventpushhub/negotiate?a=1?b'],
    ['/hub', '/hub'],
    ['/HUB/negotiate', '/hub/negotiate'],
    ['/hub/RealtimeEventPushHub', '/realtimeeventpushhub'],
    ['/events/Here', '/realtimeeventpushhub'],
    ['/a/hub', undefined],
    ['/RealtimeEventPushHub/else', undefined],
    ['/negotiate', undefined],
    ['/', undefined],
    ['', undefined],
  ])('makes %j to %j', (target, plain) => {
    expect(plainTarget(target, { aliases: ['/events/here'] })).toBe(plain);
  });

  it('takes another path for the extended hub', () => {
    expect(plainTarget('/rich/', { path: '/Rich' })).toBe('/hub');
    expect(plainTarget('/hub', { path: '/Rich' })).toBeUndefined();
  });
});

/** A token of the node, as `signedTokens` writes it. Nobody asks here whether it is true. */
const tokenOf = (node: string, flags = 0) => `${node}.${'i'.repeat(22)}.${flags}tovojg.${'m'.repeat(43)}`;

const TOKEN = tokenOf('node-1');
const RETURNING = tokenOf('node-1', 1);

function request(method: string, url: string, headers: IncomingMessage['headers'] = {}): IncomingMessage {
  return { method, url, headers } as IncomingMessage;
}

describe('ownerOf', () => {
  it.each([
    ['GET', `/hub?id=${TOKEN}`, 'node-1'],
    ['POST', `/x/RealtimeEventPushHub?access_token=t&ID=${tokenOf('node-2', 2)}`, 'node-2'],
    ['DELETE', `/events?id=${RETURNING}`, 'node-1'],
    ['DELETE', '/hub?id=abc', undefined],
    ['GET', '/hub?id=node-1.abc', undefined],
    ['OPTIONS', `/hub?id=${TOKEN}`, undefined],
    ['POST', '/hub/negotiate?negotiateVersion=1', undefined],
    ['GET', `/elsewhere?id=${TOKEN}`, undefined],
  ])('tells whose %s %s is: %s', (method, url, owner) => {
    expect(ownerOf(request(method, url), { aliases: ['/events'] })).toBe(owner);
  });

  it.each([
    [{ upgrade: 'websocket', connection: 'Upgrade' }, TOKEN, undefined],
    [{ upgrade: 'WebSocket', connection: 'keep-alive, upgrade' }, TOKEN, undefined],
    [{ upgrade: 'websocket', connection: 'Upgrade' }, RETURNING, 'node-1'],
    [{ upgrade: 'h2c', connection: 'Upgrade' }, TOKEN, 'node-1'],
    [{ upgrade: 'websocket' }, TOKEN, 'node-1'],
  ])(
    'leaves a WebSocket to whichever node it lands on, unless it may come back: %j',
    (headers, token, owner) => {
      expect(ownerOf(request('GET', `/hub?id=${token}`, headers))).toBe(owner);
    },
  );
});

describe('isHubTarget', () => {
  it('knows every spelling of the paths of both hubs, and no other', () => {
    const config = { path: '/Rich', aliases: ['/events'] };
    const targets = [
      '/a//REALTIMEEVENTPUSHHUB/?x',
      '/EVENTS',
      '/rich/',
      '/hub',
      '/socket.io',
      '',
      '/events/a',
    ];
    expect(targets.map((target) => isHubTarget(target, config))).toEqual([
      true,
      true,
      true,
      ...Array(4).fill(false),
    ]);
  });
});
