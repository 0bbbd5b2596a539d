import { describe, expect, it } from '@jest/globals';
import { bridgeList } from './bridge-list.js';

const { parse } = bridgeList({ doc: 'Bridges.' });

const BRIDGE = { name: 'a', kind: 'event-hub', url: 'http://a', token: 's3cret', subscribe: ['e'] };

const problems: readonly (readonly [bridge: object, problem: string])[] = [
  [{ s3cret: 1 }, 'has an entry, number 1, that has a key which is none of name, kind, url'],
  [{ name: 's3cret/a' }, 'has an entry, number 1, whose name is not 1–32 of'],
  [{ kind: 's3cret' }, 'has an entry, number 1, whose kind is none of ringback, event-hub'],
  [{ url: 'ws://s3cret' }, 'has an entry, number 1, whose url is not http://… or https://…'],
  [{ url: 'http://u:s3cret@a' }, 'has an entry, number 1, whose url has more than host, path and query'],
  [{ token: 's3cret\n' }, 'has an entry, number 1, whose token is not text of visible ASCII'],
  [{ subscribe: [] }, 'has an entry, number 1, that carries nothing'],
  [{ subscribe: 's3cret' }, 'has an entry, number 1, whose subscribe is not a list'],
  [
    { trigger: [''] },
    'has an entry, number 1, whose trigger has something that is no eventguid: The eventguid is empty',
  ],
  [
    { subscribeOnDemand: ['*s3cret'] },
    'has an entry, number 1, whose subscribeOnDemand has something that is neither',
  ],
  [{ isHubUrl: 's3cret' }, 'has an entry, number 1, whose isHubUrl is neither true nor false'],
  [
    { maxDuplicatesPerSecond: 0 },
    'has an entry, number 1, whose maxDuplicatesPerSecond is not a whole number',
  ],
  [
    { kind: 'ringback', isHubUrl: true },
    'has an entry, number 1, that has isHubUrl or maxDuplicatesPerSecond without',
  ],
];

describe('a list of bridges', () => {
  it('says of a bridge what is carried, and nothing twice', () => {
    const bridge = { ...BRIDGE, isHubUrl: true, maxDuplicatesPerSecond: 5, subscribe: ['e', 'e'] };
    expect(parse(JSON.stringify([bridge]))).toEqual([
      {
        name: 'a',
        kind: 'event-hub',
        url: 'http://a/',
        token: 's3cret',
        isHubUrl: true,
        maxDuplicatesPerSecond: 5,
        subscribe: ['e'],
        subscribeOnDemand: [],
        trigger: [],
      },
    ]);
  });

  it.each([
    ['[{"token":"s3cret"', 'is not JSON'],
    ['{"token":"s3cret"}', 'is not a list'],
    ['["s3cret"]', 'has an entry, number 1, that is no object'],
    ...problems.map(([more, problem]) => [JSON.stringify([{ ...BRIDGE, ...more }]), problem] as const),
    [JSON.stringify([BRIDGE, BRIDGE]), 'gives one name to two bridges'],
  ])('is refused without showing what it holds (%#)', (text, problem) => {
    const read = (): unknown => parse(text);
    expect(read).toThrow(problem);
    expect(read).not.toThrow('s3cret');
  });
});
