import { describe, expect, it } from '@jest/globals';
import { TopicRegistry } from './topic-registry.js';
import { TopicType } from './topic-type.js';
import type { ParameterType, TopicDefinition } from './topic.definition.js';

const GUID = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';

const CALLS: TopicDefinition = {
  name: 'CallsTopic',
  path: [{ name: 'Team' }, { name: 'Line', type: 'integer', default: 1 }],
  query: [
    { name: 'Since', type: 'number' },
    { name: 'IsOpen', type: 'boolean' },
    { name: 'CallerId', type: 'guid' },
  ],
};

function eventguid(definition: TopicDefinition, path = '', query = ''): string {
  const segments = path === '' ? [] : path.split('/').map(decodeURIComponent);
  return new TopicType(definition).bind(segments, new URLSearchParams(query)).eventguid;
}

function registry(...topics: readonly TopicDefinition[]): TopicRegistry {
  return new TopicRegistry(topics, { writer: 'fubu', reportError: () => undefined });
}

describe('a topic', () => {
  it('is an event whose name says all of its parameters that are not at their default, in the order of declaration', () => {
    expect(eventguid(CALLS)).toBe('_events/calls');
    expect(eventguid(CALLS, 'north/7', `isopen=TRUE&SINCE=1.50&CallerId={${GUID.toUpperCase()}}`)).toBe(
      `_events/calls?Team=north&Line=7&Since=1.5&IsOpen=true&CallerId=${GUID}`,
    );
  });

  it('is one however its parameters are written', () => {
    const one = eventguid(CALLS, 'north', 'Since=0.5');
    for (const [path, query] of [
      ['north/1', 'since=.5'],
      ['north/+01', 'since=5e-1&IsOpen=false'],
      ['north', 'SINCE=0.50&callerid=00000000000000000000000000000000&unknown=x&unknown2'],
      ['', 'team=north&since=0.5&line='],
    ] as const)
      expect([path, query, eventguid(CALLS, path, query)]).toEqual([path, query, one]);
  });

  it('takes the path before the query, and says its values as they came', () => {
    const topic = new TopicType(CALLS).bind(['nørth/4'], new URLSearchParams('team=south&line=-0'));
    expect(topic).toEqual({
      name: 'CallsTopic',
      parameters: {
        Team: 'nørth/4',
        Line: 0,
        Since: 0,
        IsOpen: false,
        CallerId: '00000000-0000-0000-0000-000000000000',
      },
      eventguid: '_events/calls?Team=n%C3%B8rth%2F4&Line=0',
    });
  });

  it('has the eventguid of its template', () => {
    const template = { ...CALLS, eventguid: 'calls-{team}-{Line}' };
    expect(eventguid(template, 'a b/2')).toBe('calls-a b-2');
    expect(eventguid(template)).toBe('calls--1');
  });

  it.each<[ParameterType, string]>([
    ['integer', '1.5'],
    ['integer', '9007199254740993'],
    ['integer', 'one'],
    ['number', '1e999'],
    ['number', 'NaN'],
    ['boolean', 'constructor'],
    ['guid', GUID.slice(1)],
  ])('refuses a parameter of type %s that is %j', (type, value) => {
    const query = new URLSearchParams([['P', value]]);
    const topic = new TopicType({ name: 'T1', query: [{ name: 'P', type }] });
    expect(() => topic.bind([], query)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  it.each(['two\nlines', 'two\rlines', 'a\0b'])('refuses %j, which could not be one line', (text) => {
    for (const eventguid of [undefined, 'order-{P}']) {
      const topic = new TopicType({ name: 'T1', query: [{ name: 'P' }], ...(eventguid && { eventguid }) });
      expect(() => topic.bind([], new URLSearchParams([['P', text]]))).toThrow(
        expect.objectContaining({ code: 'bad-eventguid' }),
      );
    }
  });

  it('refuses what is too long, given twice, or too much', () => {
    const topic = new TopicType(CALLS);
    const none = new URLSearchParams();
    expect(() => topic.bind(['x'.repeat(300)], none)).toThrow(
      expect.objectContaining({ code: 'bad-eventguid' }),
    );
    expect(() => topic.bind([], new URLSearchParams('team=a&TEAM=b'))).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
    expect(() => topic.bind(['a', '1', 'more'], none)).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(() => topic.with({ team: 'a', wing: 'b' })).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
    expect(() => topic.with({ team: { a: 1 } })).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});

describe('the topics of a node', () => {
  it('are found by each of their names, whatever the case', () => {
    const topics = registry({ name: 'SimpleTopic', aliases: ['Plain'] }, CALLS);
    const none = new URLSearchParams();
    for (const path of ['SimpleTopic', 'simple', 'SIMPLETOPIC/', 'pLAIN'])
      expect(topics.bind(path, none).value.eventguid).toBe('_events/simple');
    expect(topics.bind('calls/n%C3%B8rth%2F4', none).value.parameters['Team']).toBe('nørth/4');
    for (const path of ['', 'topic', 'simple/more', 'simple//'])
      expect(() => topics.bind(path, none)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => topics.bind('calls/%ff', none)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  it.each<[string, readonly TopicDefinition[]]>([
    ['one name', [{ name: 'OrdersTopic' }, { name: 'orders' }]],
    [
      'one alias',
      [
        { name: 'A', aliases: ['x'] },
        { name: 'B', aliases: ['X'] },
      ],
    ],
    [
      'one template',
      [
        { name: 'A', path: [{ name: 'P' }], eventguid: 'o-{P}' },
        { name: 'B', path: [{ name: 'Q' }], eventguid: 'o-{Q}' },
      ],
    ],
    [
      'templates that overlap',
      [
        { name: 'A', path: [{ name: 'P' }], eventguid: 'o-{P}' },
        { name: 'B', path: [{ name: 'Q' }], eventguid: '{Q}-last' },
      ],
    ],
    [
      'a template for another’s event',
      [{ name: 'A', path: [{ name: 'P' }], eventguid: '_events/{P}' }, { name: 'B' }],
    ],
  ])('may not have %s', (_, topics) => {
    expect(() => registry(...topics)).toThrow(/^The topics /);
  });

  it('may have templates that no value makes alike', () => {
    const line = { name: 'A', path: [{ name: 'P', type: 'integer' as const }], eventguid: 'order-{P}' };
    const note = { name: 'B', path: [{ name: 'Q' }], eventguid: 'order-note-{Q}' };
    expect(() => registry(line, note, CALLS)).not.toThrow();
  });

  it.each<[string, TopicDefinition]>([
    ['no name', { name: '' }],
    ['nothing but "topic" for a name', { name: 'Topic' }],
    ['a slash in its name', { name: 'a/b' }],
    ['a parameter without a name', { name: 'A', path: [{ name: '' }] }],
    ['two parameters of one name', { name: 'A', path: [{ name: 'P' }], query: [{ name: 'p' }] }],
    ['a parameter that the gateway reads', { name: 'A', query: [{ name: 'LastEventId' }] }],
    ['a default of another type', { name: 'A', query: [{ name: 'P', type: 'integer', default: 'x' }] }],
    ['a template with an unknown name', { name: 'A', eventguid: 'order-{P}' }],
    ['an empty template', { name: 'A', eventguid: '' }],
  ])('may not have %s', (_, topic) => {
    expect(() => registry(topic)).toThrow(/^The topic /);
  });
});
