import { describe, expect, it } from '@jest/globals';
import { bearerToken, isCrossOrigin, originHeaders, type Origins } from './request-headers.js';

const SHOP = 'https://shop.example';

describe('bearerToken', () => {
  it('is what stands behind the scheme, in any case, and nothing without a header', () => {
    expect(bearerToken('Bearer s3cret')).toBe('s3cret');
    expect(bearerToken('bearer  s3cret ')).toBe('s3cret');
    expect(bearerToken(undefined)).toBeUndefined();
  });

  it.each(['Basic eA==', 'Bearer', 'Bearer a b', 's3cret', ''])('refuses %j', (header) => {
    expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code: 'unauthorized' }));
  });
});

describe('isCrossOrigin', () => {
  it.each<
    [origin: string | undefined, host: string | undefined, listed: Origins | undefined, isCross: boolean]
  >([
    [undefined, 'hub.example', undefined, false],
    ['https://hub.example', 'hub.example', undefined, false],
    ['http://localhost:8080', 'LOCALHOST:8080', undefined, false],
    ['http://localhost:9090', 'localhost:8080', undefined, true],
    ['https://hub.example.evil.example', 'hub.example', undefined, true],
    [SHOP, 'hub.example', undefined, true],
    [SHOP, 'hub.example', [SHOP], false],
    [SHOP, 'hub.example', ['https://other.example'], true],
    [SHOP, 'hub.example', '*', false],
    ['null', 'hub.example', undefined, true],
    ['null', undefined, undefined, true],
    ['null', 'hub.example', '*', false],
  ])('of %j at %j with %j listed is %j', (origin, host, listed, isCross) => {
    expect(isCrossOrigin({ origin, host }, listed)).toBe(isCross);
  });
});

describe('originHeaders', () => {
  it('let pages of a listed origin read the answer, and tell caches that it depends on the origin', () => {
    const readable = {
      'Access-Control-Allow-Origin': SHOP,
      'Access-Control-Allow-Credentials': 'true',
      Vary: 'Origin',
    };
    expect(originHeaders(SHOP, [SHOP])).toEqual(readable);
    expect(originHeaders(SHOP, '*')).toEqual(readable);
    expect(originHeaders('https://other.example', [SHOP])).toEqual({ Vary: 'Origin' });
    expect(originHeaders(undefined, '*')).toEqual({ Vary: 'Origin' });
    expect(originHeaders(SHOP, undefined)).toEqual({});
  });
});
