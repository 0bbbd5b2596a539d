import { describe, expect, it } from '@jest/globals';
import {
  bearerToken,
  isCrossOrigin,
  normalizeOrigin,
  originHeaders,
  type Origins,
} from './request-headers.js';

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
    ['https://a', 'a:443', undefined, false],
    ['https://a:443', 'a', undefined, false],
    ['http://a', 'a:80', undefined, false],
    ['https://a', 'a:80', undefined, true],
    ['http://a', 'a:443', undefined, true],
    ['capacitor://localhost', 'localhost', undefined, true],
    ['capacitor://localhost', 'hub.example', ['capacitor://localhost'], false],
    ['ionic://localhost', 'hub.example', ['capacitor://localhost'], true],
    ['https://a', 'hub.example', ['HTTPS://A:443'], false],
    ['https://a:8443', 'hub.example', ['https://a'], true],
    ['null', 'hub.example', ['https://a', 'not an origin'], true],
    ['https://a/path', 'hub.example', ['https://a'], true],
  ])('of %j at %j with %j listed is %j', (origin, host, listed, isCross) => {
    expect(isCrossOrigin({ origin, host }, listed)).toBe(isCross);
  });
});

describe('isCrossOrigin of a known scheme', () => {
  it('counts the scheme', () => {
    const host = 'hub.example';
    expect(isCrossOrigin({ origin: 'https://hub.example', host, scheme: 'https' }, undefined)).toBe(false);
    expect(isCrossOrigin({ origin: 'http://hub.example', host, scheme: 'https' }, undefined)).toBe(true);
  });
});

describe('normalizeOrigin', () => {
  it.each([
    ['https://a.example', 'https://a.example'],
    ['HTTPS://A.Example:443', 'https://a.example'],
    ['http://a:80', 'http://a'],
    ['http://a:8080', 'http://a:8080'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['Ionic://LocalHost', 'ionic://localhost'],
    ['tauri://localhost', 'tauri://localhost'],
    ['app://.', 'app://.'],
    ['chrome-extension://abc', 'chrome-extension://abc'],
    ['null', undefined],
    ['https://a/', undefined],
    ['https://a/path', undefined],
    ['https://u@a', undefined],
    ['https://a b', undefined],
    ['a.example', undefined],
    ['https://', undefined],
    ['', undefined],
  ])('of %j is %j', (text, origin) => {
    expect(normalizeOrigin(text)).toBe(origin);
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
