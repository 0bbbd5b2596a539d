import { describe, expect, it } from '@jest/globals';
import { CLOSE_REASONS, mayReconnect } from './close-codes.js';
import { ERROR_CODES, isErrorCode } from './error-codes.js';
import { parseEventGuid } from './eventguid.js';
import { HubError } from './hub-error.js';
import { formatPosition, parsePosition } from './position.js';
import { isWellFormed, utf8Bytes } from './text.js';
import { parseData, parseTriggerOptions } from './trigger.js';
import { deliveryMeta } from './wire.js';

const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof HubError ? error.code : error;
  }
};

describe('utf8Bytes', () => {
  it.each(['', 'a', 'ü', '€', '🔔', 'a🔔ü€\u2028', '\u07ff\u0800\uffff'])(
    'counts %j as Buffer does',
    (text) => {
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
    },
  );

  it('counts a lone surrogate as the three bytes of its replacement', () => {
    expect(utf8Bytes('\ud800a')).toBe(Buffer.byteLength('\ud800a'));
    expect(utf8Bytes('\udc00')).toBe(3);
    expect(isWellFormed('\ud800a')).toBe(false);
    expect(isWellFormed('🔔')).toBe(true);
  });
});

describe('parseEventGuid', () => {
  it.each(['a', '{b}', '100%', '__proto__', 'ü'.repeat(128), '🔔', 'a\u2028b'])(
    'accepts %j as it is',
    (text) => {
      expect(parseEventGuid(text)).toBe(text);
    },
  );

  it.each(
    [['', 'a\n', '\u0085', '\ud800', 'ü'.repeat(129), 'x'.repeat(257), 42, null, undefined, {}]].flat(),
  )('refuses %j', (value) => {
    expect(codeOf(() => parseEventGuid(value))).toBe('bad-eventguid');
  });
});

describe('parsePosition', () => {
  it('reads what formatPosition has written', () => {
    const position = { epoch: 'aB3', offset: 9_007_199_254_740_991 };
    expect(parsePosition(formatPosition(position))).toEqual(position);
    expect(parsePosition('e:0')).toEqual({ epoch: 'e', offset: 0 });
  });

  it.each(['', ':', 'e:', ':1', 'e:01', 'e:-1', 'e:1.5', 'e:9007199254740992', 'ä:1', 'e:1 ', 7, null])(
    'refuses %j',
    (value) => {
      expect(codeOf(() => parsePosition(value))).toBe('bad-request');
    },
  );
});

describe('parseData', () => {
  it('takes text and bytes as they are, absent as empty, anything else as its JSON text', () => {
    const bytes = new Uint8Array([1, 2]);
    expect(parseData('text')).toBe('text');
    expect(parseData(bytes)).toBe(bytes);
    expect(parseData(undefined)).toBe('');
    expect(parseData(null)).toBe('null');
    expect(parseData({ a: [1, true] })).toBe('{"a":[1,true]}');
    expect(parseData(JSON.parse('{"__proto__":1}'))).toBe('{"__proto__":1}');
  });

  it('refuses what JSON or UTF-8 cannot say', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const value of [circle, 1n, () => 1, '\ud800', { a: Buffer.from('b') }, [new Uint8Array(1)]]) {
      expect(codeOf(() => parseData(value))).toBe('bad-request');
    }
  });
});

describe('parseTriggerOptions', () => {
  const known = ['removeAfterSend', 'key', 'type'] as const;

  it('completes what is absent', () => {
    expect(parseTriggerOptions(undefined, known)).toEqual({ removeAfterSend: false });
    expect(parseTriggerOptions({ key: 'k', removeAfterSend: true }, known)).toEqual({
      removeAfterSend: true,
      key: 'k',
    });
  });

  it.each([
    [{ other: 1 }],
    [{ source: 'known elsewhere' }],
    [JSON.parse('{"__proto__":{}}')],
    [{ removeAfterSend: 1 }],
    [{ key: '' }],
    [{ key: 'ü'.repeat(65) }],
    [{ type: 'a\nb' }],
    ['text'],
    [[]],
    [new Uint8Array(1)],
  ])('refuses %j', (value) => {
    expect(codeOf(() => parseTriggerOptions(value, known))).toBe('bad-request');
  });
});

describe('deliveryMeta', () => {
  const envelope = {
    eventguid: parseEventGuid('e'),
    position: { epoch: 'x', offset: 3 },
    data: 'd',
    time: 17,
    oneShot: false,
  };

  it('says only what there is to say', () => {
    expect(deliveryMeta(envelope, false)).toEqual({ position: 'x:3', time: 17 });
  });

  it('tells of bytes, of a gap and of the end', () => {
    const bytes = { ...envelope, data: new Uint8Array(1), oneShot: true, type: 't', id: 'i' };
    expect(deliveryMeta(bytes, true)).toEqual({
      position: 'x:3',
      time: 17,
      type: 't',
      id: 'i',
      encoding: 'base64',
      recovered: false,
      ended: true,
    });
  });
});

describe('the tables of codes', () => {
  it('tell by the range of a close code whether to reconnect', () => {
    expect(mayReconnect(CLOSE_REASONS['slow-consumer'])).toBe(true);
    expect(mayReconnect(CLOSE_REASONS.draining)).toBe(true);
    expect(mayReconnect(CLOSE_REASONS['session-taken-over'])).toBe(false);
    const codes = Object.values(CLOSE_REASONS).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('name every error code once, and nothing that only looks like one', () => {
    for (const code of Object.keys(ERROR_CODES)) expect(isErrorCode(code)).toBe(true);
    for (const other of ['constructor', '', 7, null]) expect(isErrorCode(other)).toBe(false);
  });

  it('make any failure an internal error that keeps its cause', () => {
    const cause = new Error('boom');
    const error = HubError.from(cause);
    expect(error).toMatchObject({ code: 'internal', temporary: true, cause });
    expect(HubError.from(error)).toBe(error);
  });
});
