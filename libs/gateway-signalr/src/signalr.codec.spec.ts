import { describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Data, type Envelope } from '@ringback/contract';
import type { Frame } from '@ringback/core';
import { jsonProtocol, messagePackProtocol } from '@ringback/signalr';
import { eventHubCodecs, extendedHubCodecs } from './signalr.codec.js';

const eventguid = parseEventGuid('guid ä');
const COOKIES = ['c', '🔔 "\\\u2028', 'x'.repeat(200), 'x'.repeat(20_000)];
const DATA: readonly (readonly [Data, string])[] = [
  ['', ''],
  ['漢字\n\u001e', '漢字\n\u001e'],
  ['d'.repeat(70_000), 'd'.repeat(70_000)],
  [Uint8Array.of(0, 1, 255), 'AAH/'],
];

const bytesOf = (frame: Frame): Buffer => Buffer.from(frame, 'latin1');

const envelopeOf = (data: Data): Envelope => ({
  eventguid,
  data,
  position: { epoch: 'e', offset: 7 },
  time: 1,
  oneShot: false,
});

describe.each([jsonProtocol, messagePackProtocol])('the codecs of $name', (protocol) => {
  const written = (target: string, ...args: unknown[]): Buffer =>
    Buffer.from(protocol.write({ type: 'invocation', target, args }) as string);

  it.each(DATA)('write a delivery of %j as the protocol does', (data, text) => {
    const meta = { position: 'e:7', time: 1, ...(typeof data !== 'string' && { encoding: 'base64' }) };
    const three = eventHubCodecs[protocol.name];
    const four = extendedHubCodecs[protocol.name];
    for (const cookie of COOKIES) {
      const short = three.prepare(envelopeOf(data), false)(three.encodeCookie(cookie));
      expect(bytesOf(short).equals(written('ReceiveEvent', eventguid, cookie, text))).toBe(true);
      const long = four.prepare(envelopeOf(data), false)(four.encodeCookie(cookie));
      expect(bytesOf(long).equals(written('ReceiveEventWithMeta', eventguid, cookie, text, meta))).toBe(true);
    }
  });

  it('write a lost end as the protocol does', () => {
    const ended = extendedHubCodecs[protocol.name].encodeEnded?.(eventguid) ?? '';
    expect(bytesOf(ended)).toEqual(written('SubscriptionEnded', eventguid));
  });

  it('has no word for presence and lost ends at the event hub', () => {
    const { encodeEnded, encodePresence } = eventHubCodecs[protocol.name];
    expect([encodeEnded, encodePresence]).toEqual([undefined, undefined]);
  });
});
