import { describe, expect, it } from '@jest/globals';
import { parseSessionRequest } from './session-request.js';

const anyone = { name: 'anyone' };
const bound = { name: 'shop', subscriberId: 'till-4' };

describe('parseSessionRequest', () => {
  it('is none for a client that names no subscriber, unless its token is bound to one', () => {
    expect(parseSessionRequest({}, anyone)).toBeUndefined();
    expect(parseSessionRequest({ subscriberId: null }, anyone)).toBeUndefined();
    expect(parseSessionRequest({}, bound)).toEqual({ subscriberId: 'till-4', resume: 'on-connect' });
  });

  it('reads how the session is resumed', () => {
    const requested = { subscriberId: 'till-4', resume: 'on-subscribe' };
    expect(parseSessionRequest(requested, anyone)).toEqual(requested);
  });

  it.each([
    [{ subscriberId: 4 }, anyone, 'bad-request'],
    [{ subscriberId: '' }, anyone, 'bad-request'],
    [{ subscriberId: 'till-4', resume: 'sometimes' }, anyone, 'bad-request'],
    [{ subscriberId: 'till-5' }, bound, 'forbidden'],
  ])('refuses %j of %j with %s', (requested, identity, code) => {
    expect(() => parseSessionRequest(requested, identity)).toThrow(expect.objectContaining({ code }));
  });
});
