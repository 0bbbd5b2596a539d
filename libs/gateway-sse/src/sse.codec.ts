import { deliveryMeta, formatPosition, type Data, type Envelope } from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';
import { dataLines, eventLine, eventLines, STREAM_EVENTS, utf8 } from '@ringback/gateway-kit';
import { DeliveryHeads, NO_HEAD } from './delivery-heads.js';
import { placeText } from './stream-id.js';

/** What `data:` holds: the data alone, or the envelope with the cookie. */
export type StreamFormat = 'plain' | 'envelope';

/** The lines of a delivery before and after the cookie, without its id and without the blank line that ends it. */
type Lines = readonly [head: Frame, tail: Frame];

/** How one format writes its deliveries. */
interface Format {
  readonly encodeCookie: (cookie: string) => Frame;
  readonly linesOf: (envelope: Envelope, gap: boolean) => Lines;
}

/** The cookie is said nowhere: all streams have one and the same frame. */
const PLAIN: Format = {
  encodeCookie: () => '',
  linesOf: ({ type, data }) => [utf8(eventLine(type) + dataLines(dataText(data))), ''],
};

const ENVELOPE: Format = {
  encodeCookie: (cookie) => utf8(JSON.stringify(cookie)),
  linesOf: (envelope, gap) => {
    const { eventguid, type, data } = envelope;
    const head = `${eventLine(type)}data: {"eventguid":${JSON.stringify(eventguid)},"cookie":`;
    const rest = JSON.stringify({ data: dataText(data), ...deliveryMeta(envelope, gap) }).slice(1);
    return [utf8(head), utf8(`,${rest}\n`)];
  },
};

const FORMATS: Readonly<Record<StreamFormat, Format>> = { plain: PLAIN, envelope: ENVELOPE };

/** For streams of one event: what is written is the frame as it is, its id included. */
export const SINGLE_CODECS = codecsOf(singleCodec);

/** What stands before the deliveries of streams of several events. */
export const DELIVERY_HEADS = new DeliveryHeads();

/**
 * For streams of several events. Before what is written stands what the stream has to know to make its own id of it. The blank line that ends a delivery
 * comes behind that id.
 */
export const LIST_CODECS = codecsOf(listCodec);

function codecsOf(codecOf: (format: StreamFormat) => Codec): Readonly<Record<StreamFormat, Codec>> {
  return { plain: codecOf('plain'), envelope: codecOf('envelope') };
}

function singleCodec(name: StreamFormat): Codec {
  const { encodeCookie, linesOf } = FORMATS[name];
  return {
    name: `sse-${name}`,
    encodeCookie,
    prepare(envelope, gap) {
      const [head, tail] = linesOf(envelope, gap);
      const before = `${resetOf(envelope, gap)}id: ${placeText(envelope.position, envelope.oneShot)}\n${head}`;
      const behind = tail === '' ? '' : `${tail}\n`;
      const whole = tail === '' ? `${before}\n` : before;
      return (cookie) => whole + cookie + behind;
    },
    encodeEnded: (eventguid) => `id: 0\n${eventLines(STREAM_EVENTS.ended, { eventguid })}\n`,
    encodePresence: (eventguid, presence) =>
      `${eventLines(STREAM_EVENTS.presence, { eventguid, ...presence })}\n`,
  };
}

function listCodec(name: StreamFormat): Codec {
  const { encodeCookie, linesOf } = FORMATS[name];
  return {
    name: `sse-list-${name}`,
    encodeCookie,
    prepare(envelope, gap) {
      const [head, tail] = linesOf(envelope, gap);
      const { eventguid, position, oneShot } = envelope;
      const place = { epoch: position.epoch, offset: position.offset, over: oneShot };
      const before = `${DELIVERY_HEADS.write(utf8(eventguid), place)}${resetOf(envelope, gap)}${head}`;
      return (cookie) => before + cookie + tail;
    },
    encodeEnded: (eventguid) =>
      DELIVERY_HEADS.write(utf8(eventguid), undefined) + eventLines(STREAM_EVENTS.ended, { eventguid }),
    encodePresence: (eventguid, presence) =>
      `${NO_HEAD}${eventLines(STREAM_EVENTS.presence, { eventguid, ...presence })}\n`,
  };
}

function resetOf({ eventguid, position }: Envelope, gap: boolean): Frame {
  if (!gap) return '';
  return `${eventLines(STREAM_EVENTS.reset, { eventguid, position: formatPosition(position) })}\n`;
}

function dataText(data: Data): string {
  if (typeof data === 'string') return data;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}
