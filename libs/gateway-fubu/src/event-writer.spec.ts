import { describe, expect, it } from '@jest/globals';
import { FUBU_WRITER, W3C_WRITER } from './event-writer.js';
import { eventOf, fullId } from './stream-event.js';
import { parseEventGuid, type Envelope } from '@ringback/contract';

const ENVELOPE: Envelope = {
  eventguid: parseEventGuid('e'),
  position: { epoch: 'Zk3x9', offset: 42 },
  time: 0,
  data: 'paid',
  oneShot: false,
};

describe('the writer of FubuMVC', () => {
  it.each([
    [{ id: '1', data: 'data-1' }, 'id: 1\ndata: data-1\n\n'],
    [{ id: '1', event: 'OrderPlaced', data: 'x' }, 'id: 1/OrderPlaced\ndata: x\n\n'],
    [
      { id: '1', event: 'OrderPlaced', retry: 1000, data: 'x' },
      'id: 1/OrderPlaced\nretry: 1000\ndata: x\n\n',
    ],
    [{ id: null, data: 'x' }, 'data: x\n\n'],
    [{ id: '1', retry: null, data: null }, 'id: 1\n\n'],
    [{ event: 'Named', data: '' }, 'id: /Named\ndata: \n\n'],
    [{ id: '1', data: { a: [1, 'ü'] } }, 'id: 1\ndata: {"a":[1,"ü"]}\n\n'],
    [{ id: '1', data: 'a\nb\r\nc\rd' }, 'id: 1\ndata: a\ndata: b\ndata: c\ndata: d\n\n'],
    [{ id: '1\r\ndata: x\0', event: 'a\nb', data: 'x' }, 'id: 1data: x/ab\ndata: x\n\n'],
    [{ id: '1', retry: 1.5, data: 'x' }, 'id: 1\ndata: x\n\n'],
  ])('writes %j as it always did', (event, text) => {
    expect(FUBU_WRITER.write(event)).toBe(text);
  });
});

describe('the writer of the standard', () => {
  it.each([
    [
      { id: '1', event: 'OrderPlaced', retry: 1000, data: 'x' },
      'id: 1\nevent: OrderPlaced\nretry: 1000\ndata: x\n\n',
    ],
    [{ id: '1', event: 'a\rb', data: 'x' }, 'id: 1\nevent: ab\ndata: x\n\n'],
    [{ data: 'x' }, 'data: x\n\n'],
  ])('writes %j', (event, text) => {
    expect(W3C_WRITER.write(event)).toBe(text);
  });
});

describe('an event of the hub', () => {
  it('has the id that it was published with, else its position, without a colon', () => {
    expect(eventOf({ ...ENVELOPE, id: 'a/b', type: 'c/d', retryMs: 5 })).toEqual({
      id: 'a/b',
      event: 'c/d',
      retry: 5,
      data: 'paid',
      position: ENVELOPE.position,
    });
    expect(eventOf(ENVELOPE).id).toBe('Zk3x9.42');
    expect(eventOf({ ...ENVELOPE, id: '\r\n' }).id).toBe('Zk3x9.42');
  });

  it('has bytes as base64', () => {
    expect(eventOf({ ...ENVELOPE, data: Uint8Array.from([255]) }).data).toBe('/w==');
  });

  it('comes back with the whole of its id', () => {
    expect(fullId({ id: '1/2', event: '3/4' })).toBe('1/2/3/4');
  });
});
