import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { ownerOf, plainTarget } from './signalr.paths.js';

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

  it('takes another path for the richer hub', () => {
    expect(plainTarget('/rich/', { path: '/Rich' })).toBe('/hub');
    expect(plainTarget('/hub', { path: '/Rich' })).toBeUndefined();
  });
});

describe('ownerOf', () => {
  it.each([
    ['GET', '/hub?id=node-1.abc', 'node-1'],
    ['POST', '/x/RealtimeEventPushHub?access_token=t&ID=node-2.abc', 'node-2'],
    ['DELETE', '/hub?id=abc', undefined],
    ['OPTIONS', '/hub?id=node-1.abc', undefined],
    ['POST', '/hub/negotiate?negotiateVersion=1', undefined],
    ['GET', '/elsewhere?id=node-1.abc', undefined],
  ])('tells whose %s %s is: %s', (method, url, owner) => {
    expect(ownerOf({ method, url } as IncomingMessage)).toBe(owner);
  });
});
