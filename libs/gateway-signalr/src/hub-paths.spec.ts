import { describe, expect, it } from '@jest/globals';
import { HubPaths } from './hub-paths.js';

describe('HubPaths', () => {
  it.each([
    ['/RealtimeEventPushHub', '/realtimeeventpushhub'],
    ['//a//realtimeEVENTpushhub/', '/realtimeeventpushhub'],
    ['/a/b/RealtimeEventPushHub//Negotiate', '/realtimeeventpushhub/negotiate'],
    ['/hub', '/hub'],
    ['/HUB/negotiate', '/hub/negotiate'],
    ['/hub/RealtimeEventPushHub', '/realtimeeventpushhub'],
    ['/events/Here', '/realtimeeventpushhub'],
    ['/EVENTS//here/', '/realtimeeventpushhub'],
    ['/events/here/a', undefined],
    ['/a/hub', undefined],
    ['/RealtimeEventPushHub/else', undefined],
    ['/negotiate', undefined],
    ['/socket.io', undefined],
    ['/', undefined],
    ['', undefined],
  ])('makes %j to %j', (path, normalized) => {
    expect(new HubPaths({ eventHubPaths: ['/events/here'] }).normalize(path)).toBe(normalized);
  });

  it('takes another path for the extended hub', () => {
    const paths = new HubPaths({ path: '/Rich' });
    expect([paths.normalize('/rich/'), paths.normalize('/hub')]).toEqual(['/hub', undefined]);
  });
});
