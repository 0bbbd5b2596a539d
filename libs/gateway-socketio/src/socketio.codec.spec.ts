import { describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Envelope, type Presence } from '@ringback/contract';
import { packetOf, socketIoCodec } from './socketio.codec.js';

const base: Envelope = {
  eventguid: parseEventGuid('3f2a5c1e-order'),
  position: { epoch: 'Zk3x9', offset: 42 },
  data: 'paid',
  time: 1_767_225_600_000,
  oneShot: false,
};

/** The message as text, as a client gets it. */
function message(envelope: Partial<Envelope>, cookie = 'row 17', gap = false): string {
  const frame = socketIoCodec.prepare({ ...base, ...envelope }, gap)(socketIoCodec.encodeCookie(cookie));
  return Buffer.from(frame, 'latin1').toString('utf8');
}

/** The same of a presence message. */
function presenceMessage(presence: Presence, eventguid = base.eventguid): string {
  return Buffer.from(socketIoCodec.encodePresence?.(eventguid, presence) ?? '', 'latin1').toString('utf8');
}

describe('socketIoCodec', () => {
  it('says that a subscription has ended as docs/protocol/socketio.md shows', () => {
    const frame = socketIoCodec.encodeEnded?.(parseEventGuid('3f2a5c1e-order'));
    expect(frame).toBe('42["SubscriptionEnded","3f2a5c1e-order"]');
  });

  // Each of these stands in docs/protocol/socketio.md.
  it.each<readonly [string, string]>([
    [
      message({}),
      '42["ReceiveEvent","3f2a5c1e-order","row 17","paid",{"position":"Zk3x9:42","time":1767225600000}]',
    ],
    [
      message({
        data: '{"id":7}',
        type: 'order.paid',
        contentType: 'application/json',
        source: '/shop',
        id: '9',
      }),
      '42["ReceiveEvent","3f2a5c1e-order","row 17","{\\"id\\":7}",{"position":"Zk3x9:42","time":1767225600000,"type":"order.paid","contentType":"application/json","source":"/shop","id":"9"}]',
    ],
    [
      message({ data: Uint8Array.of(1, 2, 255) }),
      '42["ReceiveEvent","3f2a5c1e-order","row 17","AQL/",{"position":"Zk3x9:42","time":1767225600000,"encoding":"base64"}]',
    ],
    [
      message({ oneShot: true }),
      '42["ReceiveEvent","3f2a5c1e-order","row 17","paid",{"position":"Zk3x9:42","time":1767225600000,"ended":true}]',
    ],
    [
      message({}, 'row 17', true),
      '42["ReceiveEvent","3f2a5c1e-order","row 17","paid",{"position":"Zk3x9:42","time":1767225600000,"recovered":false}]',
    ],
    [
      presenceMessage({ kind: 'snapshot', members: ['c:8Zk2vQ', 'c:Xb0r9T'], total: 2 }),
      '42["ReceivePresence","3f2a5c1e-order",{"kind":"snapshot","members":["c:8Zk2vQ","c:Xb0r9T"],"total":2}]',
    ],
    [
      presenceMessage({ kind: 'join', member: 'c:5mWq1K' }),
      '42["ReceivePresence","3f2a5c1e-order",{"kind":"join","member":"c:5mWq1K"}]',
    ],
    [
      presenceMessage({ kind: 'leave', member: 'c:8Zk2vQ' }),
      '42["ReceivePresence","3f2a5c1e-order",{"kind":"leave","member":"c:8Zk2vQ"}]',
    ],
  ])('writes %s', (written, expected) => {
    expect(written).toBe(expected);
  });

  it.each(['', 'é', '🔔', '\u2028\u2029', '"\\', 'nul\0 and \x1e', '["x",{"a":1}]', '</script>', '﻿漢字'])(
    'keeps %j as eventguid, cookie and data',
    (text) => {
      const eventguid = text as Envelope['eventguid'];
      const parsed = JSON.parse(message({ eventguid, data: text }, text).slice(2)) as unknown[];
      expect(parsed.slice(0, 4)).toEqual(['ReceiveEvent', text, text, text]);
    },
  );

  it('keeps any eventguid in a presence message', () => {
    const eventguid = '🔔\u2028"\\' as Envelope['eventguid'];
    const written = presenceMessage({ kind: 'leave', member: 'c:é' }, eventguid);
    expect(JSON.parse(written.slice(2))).toEqual([
      'ReceivePresence',
      eventguid,
      { kind: 'leave', member: 'c:é' },
    ]);
  });

  it('makes frames of one character a byte', () => {
    const frame = socketIoCodec.prepare(base, false)(socketIoCodec.encodeCookie('🔔\u2028'));
    expect(frame.length).toBe(Buffer.byteLength(message({}, '🔔\u2028')));
  });

  it('takes only the bytes that belong to the data', () => {
    const bytes = new Uint8Array([9, 1, 2, 255, 9]).subarray(1, 4);
    expect(message({ data: bytes })).toContain('"AQL/"');
  });
});

describe('packetOf', () => {
  it('is the frame as text without the type of the Engine.IO packet', () => {
    const frame = socketIoCodec.prepare(base, false)(socketIoCodec.encodeCookie('🔔'));
    expect(packetOf(frame)).toBe(message({}, '🔔').slice(1));
  });
});
