import { describe, expect, it } from '@jest/globals';
import { parseTarget } from './request-target.js';

describe('parseTarget', () => {
  it.each([
    ['/path', '/path', []],
    [
      '/path?a=1&b=%20&a=2',
      '/path',
      [
        ['a', '1'],
        ['b', ' '],
        ['a', '2'],
      ],
    ],
    ['/path?a=1#part?b=2', '/path', [['a', '1']]],
    ['?a=%zz', '', [['a', '%zz']]],
    ['', '', []],
  ])('splits %j', (url, path, query) => {
    const target = parseTarget({ url });
    expect([target.path, [...target.query]]).toEqual([path, query]);
    expect(target.query).toBe(target.query);
  });

  it('takes a request without a target for one of the root', () => {
    expect(parseTarget({}).path).toBe('/');
  });
});
