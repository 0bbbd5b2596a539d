import { describe, expect, it } from '@jest/globals';
import { LABEL_BYTES, utf8Bytes } from '@ringback/contract';
import { Breaker } from './breaker.js';
import { Echoes } from './echoes.js';
import { eventHubUrl, extendedHubUrl } from './hub-url.js';
import { originKey } from './origin-key.js';
import { Patterns } from './patterns.js';

describe('Echoes', () => {
  it('take as many deliveries of the same event and data as were triggered, and no more', () => {
    const echoes = new Echoes();
    echoes.expect('e', 'd');
    echoes.expect('e', 'd');
    expect([echoes.take('e', 'x'), echoes.take('f', 'd')]).toEqual([false, false]);
    expect([echoes.take('e', 'd'), echoes.take('e', 'd'), echoes.take('e', 'd')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('keep events and data apart, whatever they hold', () => {
    const echoes = new Echoes();
    echoes.expect('a","b', 'c');
    expect(echoes.take('a', 'b","c')).toBe(false);
  });

  it('expect nothing after the window, after a refusal and after the connection is lost', () => {
    let now = 0;
    const echoes = new Echoes(() => now);
    echoes.expect('e', 'late');
    now = 30_000;
    expect(echoes.take('e', 'late')).toBe(false);
    echoes.expect('e', 'refused')();
    expect(echoes.take('e', 'refused')).toBe(false);
    echoes.expect('e', 'lost');
    echoes.clear();
    expect(echoes.take('e', 'lost')).toBe(false);
  });

  it('are bounded: the oldest are given up', () => {
    const echoes = new Echoes();
    for (let count = 0; count < 20_000; count++) echoes.expect('e', `${count}`);
    expect(echoes.size).toBe(10_000);
    expect([echoes.take('e', '9999'), echoes.take('e', '10000')]).toEqual([false, true]);
  });
});

describe('Breaker', () => {
  it('stops what comes more often than it may in a second, says so once, and tries again later', () => {
    let now = 0;
    const breaker = new Breaker(2, () => now);
    const checks = () => [
      breaker.check('e', 'd'),
      breaker.check('e', 'd'),
      breaker.check('e', 'd'),
      breaker.check('e', 'd'),
    ];
    expect(checks()).toEqual(['closed', 'closed', 'tripped', 'open']);
    expect(breaker.check('e', 'other')).toBe('closed');
    now = 9_999;
    expect(breaker.check('e', 'd')).toBe('open');
    now = 10_000;
    expect(checks()).toEqual(['closed', 'closed', 'tripped', 'open']);
  });

  it('lets pass what comes as often, but in different seconds', () => {
    let now = 0;
    const breaker = new Breaker(1, () => now);
    for (let second = 0; second < 5; second++) {
      now = second * 1_000;
      expect(breaker.check('e', 'd')).toBe('closed');
    }
  });
});

describe('Patterns', () => {
  it('mean events exactly, or by how they begin', () => {
    const patterns = new Patterns(['exact', 'order-*']);
    expect(['exact', 'order-', 'order-1'].map((text) => patterns.match(text))).toEqual([true, true, true]);
    expect(['exactly', 'order', 'Order-1'].map((text) => patterns.match(text))).toEqual([
      false,
      false,
      false,
    ]);
    expect(new Patterns(['*']).match('anything')).toBe(true);
    expect(new Patterns([]).match('anything')).toBe(false);
  });
});

describe('the URL of a hub', () => {
  it.each([
    ['http://a', 'http://a/RealtimeEventPushHub'],
    ['http://a/base/', 'http://a/base/RealtimeEventPushHub'],
    ['http://a/base?x=1', 'http://a/base/RealtimeEventPushHub?x=1'],
    ['http://a/base/realtimeeventpushhub', 'http://a/base/realtimeeventpushhub'],
    ['http://a/RealtimeEventPushHub/?x=1', 'http://a/RealtimeEventPushHub/?x=1'],
  ])('of an event hub at %s is %s', (url, expected) => {
    expect(eventHubUrl(url)).toBe(expected);
  });

  it('of a Ringback is /hub unless it has a path', () => {
    expect(extendedHubUrl('https://a').href).toBe('https://a/hub');
    expect(extendedHubUrl('https://a/live?x=1').href).toBe('https://a/live?x=1');
    expect(extendedHubUrl('https://a/apps/ring/').href).toBe('https://a/apps/ring/hub');
  });
});

describe('the key of an origin', () => {
  it('is the origin itself, or one of a fixed length for long ones', () => {
    expect(originKey('c/e:1')).toBe('c/e:1');
    const long = originKey(`${'c'.repeat(LABEL_BYTES.key)}/e:1`);
    expect(utf8Bytes(long)).toBeLessThanOrEqual(LABEL_BYTES.key);
    expect(originKey(`${'c'.repeat(LABEL_BYTES.key)}/e:2`)).not.toBe(long);
  });
});
