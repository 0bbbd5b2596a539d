import { describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Envelope } from '@ringback/contract';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { LIST_CODECS, SINGLE_CODECS } from './sse.codec.js';

const envelope: Envelope = {
  eventguid: parseEventGuid('dør "4"'),
  position: { epoch: 'Zk3x9', offset: 42 },
  data: 'open',
  time: 1_767_225_600_000,
  oneShot: false,
};

/** What ends a line, or a text, or an event somewhere. */
const HOSTILE = 'a\nid: 1\r\rdata: b\r\n\r\nevent: c\0\u2028\u0085\ufeff: d\n\n';

const { plain, envelope: whole } = SINGLE_CODECS;

function plainFrame(changes: Partial<Envelope>, gap = false): string {
  return plain.prepare({ ...envelope, ...changes }, gap)('');
}

function read(frame: string): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  createParser({ onEvent: (event) => events.push(event) }).feed(
    Buffer.from(frame, 'latin1').toString('utf8'),
  );
  return events;
}

describe('the plain format', () => {
  it('writes the id, the type and the data', () => {
    expect(plainFrame({})).toBe('id: 1.Zk3x9.42\ndata: open\n\n');
    expect(plainFrame({ type: 'door.opened' })).toBe('id: 1.Zk3x9.42\nevent: door.opened\ndata: open\n\n');
    expect(plainFrame({ data: '' })).toBe('id: 1.Zk3x9.42\ndata: \n\n');
    expect(plainFrame({ data: Uint8Array.of(1, 2, 255) })).toBe('id: 1.Zk3x9.42\ndata: AQL/\n\n');
    expect(plainFrame({ oneShot: true })).toBe('id: 0.Zk3x9.42\ndata: open\n\n');
  });

  it('has one and the same frame for all, whatever their cookies', () => {
    const assemble = plain.prepare(envelope, false);
    expect(plain.encodeCookie(HOSTILE)).toBe('');
    expect(assemble(plain.encodeCookie('one'))).toBe(assemble(plain.encodeCookie('two')));
  });

  it.each(['a\nb', 'a\r\nb', 'a\rb'])('brings %j line by line', (data) => {
    expect(read(plainFrame({ data }))).toMatchObject([{ data: 'a\nb' }]);
  });

  it('brings data and types that look like frames as what they are', () => {
    const [event, ...others] = read(plainFrame({ data: HOSTILE, type: 'x' }));
    expect(others).toEqual([]);
    expect(event).toEqual({ id: '1.Zk3x9.42', event: 'x', data: HOSTILE.replaceAll(/\r\n|\r/g, '\n') });
    expect(read(plainFrame({ type: 'x\ndata: y' }))).toMatchObject([{ data: 'open', event: undefined }]);
  });

  it.each(['ringback.reset', 'ringback.', 'open', 'error', 'a\rb', 'a\0', ''])(
    'leaves out the type %j, which a client would take for something else',
    (type) => {
      expect(plainFrame({ type })).toBe('id: 1.Zk3x9.42\ndata: open\n\n');
    },
  );

  it('says before a delivery that something is lost, and keeps the id for the delivery', () => {
    expect(read(plainFrame({}, true))).toEqual([
      {
        id: undefined,
        event: 'ringback.reset',
        data: JSON.stringify({ eventguid: envelope.eventguid, position: 'Zk3x9:42' }),
      },
      { id: '1.Zk3x9.42', event: undefined, data: 'open' },
    ]);
  });
});

describe('the envelope format', () => {
  const frame = (changes: Partial<Envelope>, cookie: string, gap = false): string =>
    whole.prepare({ ...envelope, ...changes }, gap)(whole.encodeCookie(cookie));

  it('has everything in the data, as on other protocols', () => {
    const [event] = read(frame({ type: 't', oneShot: true, data: Uint8Array.of(1) }, 'lamp', true).slice(0));
    expect(event?.event).toBe('ringback.reset');
    const [, delivery] = read(frame({ type: 't', oneShot: true, data: Uint8Array.of(1) }, 'lamp', true));
    expect(delivery).toMatchObject({ id: '0.Zk3x9.42', event: 't' });
    expect(JSON.parse(delivery?.data ?? '')).toEqual({
      eventguid: envelope.eventguid,
      cookie: 'lamp',
      data: 'AQ==',
      position: 'Zk3x9:42',
      time: envelope.time,
      type: 't',
      encoding: 'base64',
      recovered: false,
      ended: true,
    });
  });

  it.each([HOSTILE, '"}\n\ndata: {"', ''])('keeps %j in cookies and data byte for byte', (text) => {
    const [event, ...others] = read(frame({ data: text, type: 'a' }, text));
    expect(others).toEqual([]);
    expect(JSON.parse(event?.data ?? '')).toMatchObject({ cookie: text, data: text });
  });
});

describe('the codecs of streams of several events', () => {
  it('write before the delivery whose it is and where it stands, and leave its end to the stream', () => {
    const frame = LIST_CODECS.plain.prepare(envelope, false)('');
    expect(Buffer.from(frame, 'latin1').toString('utf8')).toMatch(
      /^.{4}dør "4"\n1\.Zk3x9\.42\ndata: open\n$/,
    );
    const other = LIST_CODECS.envelope;
    expect(other.prepare(envelope, false)(other.encodeCookie('c'))).toMatch(/"cookie":"c".*\}\n$/);
    expect(LIST_CODECS.plain.encodeEnded?.(parseEventGuid('e'))).toMatch(
      /^.{4}e\n0\nevent: ringback\.ended\n/,
    );
  });
});
