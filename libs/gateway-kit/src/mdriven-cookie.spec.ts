import { describe, expect, it } from '@jest/globals';
import { parseMDrivenSubscribe } from './mdriven-cookie.js';

describe('parseMDrivenSubscribe', () => {
  it.each(['', ' \t', 'endsubscription', ' EndSubscription '])('unsubscribes by the cookie %j', (cookie) => {
    const command = { name: 'unsubscribe', eventguid: 'e' };
    expect(parseMDrivenSubscribe(['e', cookie])).toEqual(command);
    expect(parseMDrivenSubscribe(['e', cookie, { after: 'x:1' }])).toEqual(command);
  });

  it.each(['c', 'endsubscriptions', '0', 'null'])('subscribes with the cookie %j', (cookie) => {
    const request = { eventguid: 'e', cookie, after: { epoch: 'x', offset: 1 } };
    expect(parseMDrivenSubscribe(['e', cookie, { after: 'x:1' }])).toEqual({ name: 'subscribe', request });
  });

  it.each([
    ['', '', {}],
    ['e', 7, {}],
    ['e', '', { unknown: 1 }],
  ])('refuses (%j, %j, %j)', (...args) => {
    expect(() => parseMDrivenSubscribe(args)).toThrow(expect.objectContaining({ name: 'HubError' }));
  });
});
