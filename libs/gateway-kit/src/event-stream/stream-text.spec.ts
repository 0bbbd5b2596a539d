import { describe, expect, it } from '@jest/globals';
import { dataLines, eventLine, eventLines, utf8 } from './stream-text.js';

describe('the text of event streams', () => {
  it('has a data line for each line, however it ends', () => {
    expect(dataLines('a\nb\r\nc\rd')).toBe('data: a\ndata: b\ndata: c\ndata: d\n');
    expect(dataLines('')).toBe('data: \n');
  });

  it.each([undefined, '', 'a\nb', 'a\rb', 'a\0b', 'open', 'error', 'ringback.reset'])(
    'does not name an event %j',
    (type) => {
      expect(eventLine(type)).toBe('');
    },
  );

  it('names an event that is one line', () => {
    expect(eventLine('order.paid')).toBe('event: order.paid\n');
  });

  it('is one character a byte', () => {
    expect(utf8('ü')).toBe('\u00c3\u00bc');
    expect(eventLines('ringback.ended', { eventguid: 'ü' })).toBe(
      'event: ringback.ended\ndata: {"eventguid":"\u00c3\u00bc"}\n',
    );
  });
});
