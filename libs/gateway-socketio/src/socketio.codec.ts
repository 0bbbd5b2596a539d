import {
  CLIENT_METHODS,
  deliveryMeta,
  type Data,
  type Envelope,
  type EventGuid,
  type Presence,
} from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';

/** An Engine.IO message (4) that holds a Socket.IO event (2) of the namespace `/`. */
const EVENT = '42';

/** Makes `42["ReceiveEvent",eventguid,cookie,data,meta]`, `42["ReceivePresence",eventguid,presence]` and `42["SubscriptionEnded",eventguid]`: the same on every transport of Socket.IO. */
export const socketIoCodec: Codec = {
  name: 'socketio',

  encodeCookie(cookie: string): Frame {
    return utf8(JSON.stringify(cookie));
  },

  prepare(envelope: Envelope, gap: boolean): (encodedCookie: Frame) => Frame {
    const { eventguid, data } = envelope;
    const head = utf8(`${EVENT}[${JSON.stringify(CLIENT_METHODS.receive)},${JSON.stringify(eventguid)},`);
    const tail = utf8(`,${JSON.stringify(dataText(data))},${JSON.stringify(deliveryMeta(envelope, gap))}]`);
    return (encodedCookie) => head + encodedCookie + tail;
  },

  encodeEnded(eventguid: EventGuid): Frame {
    return utf8(EVENT + JSON.stringify([CLIENT_METHODS.ended, eventguid]));
  },

  encodePresence(eventguid: EventGuid, presence: Presence): Frame {
    return utf8(EVENT + JSON.stringify([CLIENT_METHODS.presence, eventguid, presence]));
  },
};

/** The packet of a frame as Engine.IO takes it, which puts the type of its own before it. */
export function packetOf(frame: Frame): string {
  return Buffer.from(frame, 'latin1').toString('utf8', 1);
}

function dataText(data: Data): string {
  if (typeof data === 'string') return data;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

/** UTF-8, one character a byte. */
function utf8(text: string): Frame {
  return Buffer.from(text, 'utf8').toString('latin1');
}
