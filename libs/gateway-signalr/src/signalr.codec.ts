import {
  CLIENT_METHODS,
  deliveryMeta,
  type Data,
  type Envelope,
  type EventGuid,
  type Presence,
} from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';
import {
  encodeArgument,
  HOLE,
  jsonProtocol,
  messagePackProtocol,
  prepareInvocation,
  type HubProtocol,
  type Payload,
} from '@ringback/signalr';
import { randomBytes } from 'node:crypto';

/** What the extended hub calls for each delivery; MDriven's `ReceiveEvent` has three arguments and no more. */
const RECEIVE_WITH_META = 'ReceiveEventWithMeta';

/** Stands where the cookie goes while an envelope is prepared. Random, so that no data can hold it. */
const MARK = randomBytes(18).toString('base64url');

type ProtocolName = HubProtocol['name'];
type Codecs = Readonly<Record<ProtocolName, Codec>>;

/** `ReceiveEvent(eventguid, cookie, data)`: three strings. */
export const eventHubCodecs: Codecs = {
  json: eventHubCodec(jsonProtocol),
  messagepack: eventHubCodec(messagePackProtocol),
};

/** `ReceiveEventWithMeta(eventguid, cookie, data, meta)`, `ReceivePresence(eventguid, presence)` and `SubscriptionEnded(eventguid)`. */
export const extendedHubCodecs: Codecs = {
  json: extendedHubCodec(jsonProtocol),
  messagepack: extendedHubCodec(messagePackProtocol),
};

function eventHubCodec(protocol: HubProtocol): Codec {
  return {
    name: `signalr-events-${protocol.name}`,
    encodeCookie: (cookie) => latin1(encodeArgument(protocol, cookie)),
    prepare: ({ eventguid, data }) =>
      spliced(protocol, CLIENT_METHODS.receive, [eventguid, HOLE, dataText(data)]),
  };
}

function extendedHubCodec(protocol: HubProtocol): Codec {
  const call = (target: string, ...args: readonly unknown[]): Frame =>
    latin1(protocol.write({ type: 'invocation', target, args }));
  return {
    name: `signalr-${protocol.name}`,
    encodeCookie: (cookie) => latin1(encodeArgument(protocol, cookie)),
    prepare: (envelope: Envelope, gap: boolean) => {
      const { eventguid, data } = envelope;
      return spliced(protocol, RECEIVE_WITH_META, [
        eventguid,
        HOLE,
        dataText(data),
        deliveryMeta(envelope, gap),
      ]);
    },
    encodeEnded: (eventguid: EventGuid) => call(CLIENT_METHODS.ended, eventguid),
    encodePresence: (eventguid: EventGuid, presence: Presence) =>
      call(CLIENT_METHODS.presence, eventguid, presence),
  };
}

/** Takes the prepared invocation apart around the cookie, so that each receiver costs no more than joining text. */
function spliced(
  protocol: HubProtocol,
  target: string,
  args: readonly unknown[],
): (encodedCookie: Frame) => Frame {
  const binary = protocol.transferFormat === 'Binary';
  const write = prepareInvocation(protocol, target, args);
  const whole = latin1(write(binary ? Buffer.from(MARK) : MARK));
  const [head = '', tail = ''] = (binary ? withoutLength(whole) : whole).split(MARK);
  if (!binary) return (cookie) => head + cookie + tail;
  const bytes = head.length + tail.length;
  return (cookie) => lengthPrefix(bytes + cookie.length) + head + cookie + tail;
}

/** MessagePack messages begin with their length: seven bits a byte, the lowest first, each but the last marked. */
function lengthPrefix(length: number): Frame {
  let prefix = '';
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) prefix += String.fromCharCode((rest & 0x7f) | 0x80);
  return prefix + String.fromCharCode(rest);
}

function withoutLength(message: Frame): Frame {
  let at = 0;
  while (message.charCodeAt(at) > 0x7f) at++;
  return message.slice(at + 1);
}

function dataText(data: Data): string {
  if (typeof data === 'string') return data;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

function latin1(payload: Payload): Frame {
  return Buffer.from(payload as string).toString('latin1');
}
