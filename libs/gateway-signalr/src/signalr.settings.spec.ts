import { describe, expect, it } from '@jest/globals';
import { readSettings } from '@ringback/settings';
import { SETTINGS } from './signalr.settings.js';

describe('the settings of the SignalR gateway', () => {
  it.each([
    ['hub', 'names "hub", which is not the path of a hub; allowed is an absolute path without'],
    ['/', 'names "/", which is not the path of a hub'],
    ['/a/Negotiate', 'names "/a/Negotiate", which is not the path of a hub'],
    ['/V1/hub', 'names "/V1/hub", which is not the path of a hub'],
    ['/a/realtimeEventPushHub', 'names "/a/realtimeEventPushHub", where the event hub is'],
  ])('refuse the extended hub at %s', (path, problem) => {
    expect(() => readSettings(SETTINGS, { RINGBACK_SIGNALR_PATH: path })).toThrow(problem);
  });

  it.each([
    ['/a,/docs', 'names "/docs", which is not the path of a hub'],
    ['/events,/a/', 'names "/a/", which is not the path of a hub; allowed is absolute paths'],
  ])('refuse the event hub at %s', (paths, problem) => {
    expect(() => readSettings(SETTINGS, { RINGBACK_SIGNALR_EVENT_HUB_PATHS: paths })).toThrow(problem);
  });

  it('take several paths of the event hub', () => {
    const { RINGBACK_SIGNALR_EVENT_HUB_PATHS: paths } = readSettings(SETTINGS, {
      RINGBACK_SIGNALR_EVENT_HUB_PATHS: '/events, /a/RealtimeEventPushHub',
    });
    expect(paths).toEqual(['/events', '/a/RealtimeEventPushHub']);
  });
});
