// What the load speaks with a gateway: just enough of each protocol to subscribe, to trigger and to count deliveries cheaply.
// Frames are latin1 text, so that counting costs the same whatever they hold.
import { encode } from '@msgpack/msgpack';

/**
 * @typedef {object} Dialect
 * @property {string} path of the WebSocket
 * @property {boolean} binary whether it sends binary frames
 * @property {string} hello what the client says first; '' where the server begins
 * @property {(frame: string) => string | undefined} reply to what has to be answered: greetings and pings
 * @property {boolean} greets whether the server says when commands may come; else they may at once
 * @property {(frame: string) => boolean} isOpened whether it says so with this
 * @property {(frame: string) => boolean} isSubscribed whether it is the good answer to `subscribe`
 * @property {(eventguid: string, cookie: string) => string} subscribe
 * @property {(eventguid: string, data: string, id: number) => string} trigger
 * @property {(eventguid: string, cookie: string) => (frame: string) => number} counter of deliveries; 0 for a frame with anything else in it
 */

const END = '\x1e';
const EVENT_HUB = '/RealtimeEventPushHub';
const INVOCATION = 1;

/** @param {unknown} message */
const record = (message) => JSON.stringify(message) + END;

/** @param {unknown} message */
const packed = (message) => Buffer.from(encode(message)).toString('latin1');

/** @param {string} message shorter than 2 MiB */
function withLength(message) {
  let [prefix, rest] = ['', message.length];
  for (; rest > 0x7f; rest >>>= 7) prefix += String.fromCharCode((rest & 0x7f) | 0x80);
  return prefix + String.fromCharCode(rest) + message;
}

/** @type {Dialect} */
const socketio = {
  path: '/socket.io/?EIO=4&transport=websocket',
  binary: false,
  hello: '',
  reply: (frame) => (frame === '2' ? '3' : frame.startsWith('0') ? '40' : undefined),
  greets: true,
  isOpened: (frame) => frame.startsWith('40'),
  isSubscribed: (frame) => frame.startsWith('430'),
  subscribe: (eventguid, cookie) => `420${JSON.stringify(['SubscribeToEvent', eventguid, cookie])}`,
  trigger: (eventguid, data, id) => `42${id}${JSON.stringify(['TriggerEvent', eventguid, data])}`,
  counter: (eventguid, cookie) => {
    const expected = `42["ReceiveEvent","${eventguid}","${cookie}",`;
    return (frame) => (frame.startsWith(expected) ? 1 : 0);
  },
};

/** @type {Dialect} */
const signalrJson = {
  path: EVENT_HUB,
  binary: false,
  hello: record({ protocol: 'json', version: 1 }),
  reply: (frame) => (frame === record({ type: 6 }) ? frame : undefined),
  greets: true,
  isOpened: (frame) => frame === record({}),
  isSubscribed: (frame) => frame.startsWith('{"type":3,"invocationId":"0"') && !frame.includes('"error"'),
  subscribe: (eventguid, cookie) =>
    record({
      type: INVOCATION,
      invocationId: '0',
      target: 'SubscribeToEvent',
      arguments: [eventguid, cookie],
    }),
  trigger: (eventguid, data, id) =>
    record({
      type: INVOCATION,
      invocationId: `${id}`,
      target: 'TriggerEvent',
      arguments: [eventguid, data, false],
    }),
  counter: (eventguid, cookie) => {
    const args = `"target":"ReceiveEvent","arguments":["${eventguid}","${cookie}",`;
    const expected = `{"type":${INVOCATION},${args}`;
    return (frame) => {
      let count = 0;
      for (let at = 0; at < frame.length; at = frame.indexOf(END, at) + 1, count++)
        if (!frame.startsWith(expected, at)) return 0;
      return count;
    };
  },
};

/** @type {Dialect} */
const signalrMessagePack = {
  path: EVENT_HUB,
  binary: true,
  hello: record({ protocol: 'messagepack', version: 1 }),
  reply: (frame) => (frame === '\x02\x91\x06' ? frame : undefined),
  greets: true,
  isOpened: (frame) => frame === record({}),
  isSubscribed: (frame) => frame.startsWith('\x03\x80\xa10', 2) && frame.charCodeAt(6) > 1, // 1 is an error
  subscribe: (eventguid, cookie) =>
    withLength(packed([INVOCATION, {}, '0', 'SubscribeToEvent', [eventguid, cookie], []])),
  trigger: (eventguid, data, id) =>
    withLength(packed([INVOCATION, {}, `${id}`, 'TriggerEvent', [eventguid, data, false], []])),
  counter: (eventguid, cookie) => {
    const whole = packed([INVOCATION, {}, null, 'ReceiveEvent', [eventguid, cookie, ''], []]);
    const expected = whole.slice(0, -2); // without the data and the list of streams
    return (frame) => {
      let count = 0;
      for (let at = 0; at < frame.length; count++) {
        let length = 0;
        let shift = 0;
        for (; frame.charCodeAt(at) > 0x7f; at++, shift += 7)
          length |= (frame.charCodeAt(at) & 0x7f) << shift;
        length |= frame.charCodeAt(at) << shift;
        if (!frame.startsWith(expected, at + 1)) return 0;
        at += 1 + length;
      }
      return count;
    };
  },
};

/** A publisher of nchan, which takes each frame for a message and has no subscribers here: those have streams. @type {Dialect} */
const nchan = {
  path: '/publish',
  binary: false,
  hello: '',
  reply: () => undefined,
  greets: false,
  isOpened: () => false,
  isSubscribed: () => false,
  subscribe: () => '',
  trigger: (_eventguid, data) => data,
  counter: () => () => 0,
};

/** @type {Readonly<Record<string, Dialect>>} */
export const dialects = {
  socketio,
  nchan,
  'signalr-json': signalrJson,
  'signalr-messagepack': signalrMessagePack,
};

/**
 * @typedef {object} Stream
 * @property {(eventguid: string, cookie: string) => string} path each stream brings one event
 * @property {string} triggers the dialect in which it is triggered: a stream only receives
 * @property {number} [busy] so many of its events are triggered in turn; absent: one
 */

/** The name of one of the events of a stream. @param {string} eventguid @param {number} index */
export const eventOf = (eventguid, index) => (index === 0 ? eventguid : `${eventguid}-${index}`);

/**
 * A stream of the event and of others: its id speaks of them all.
 * @param {string} format
 * @param {number} [events]
 * @param {number} [busy] so many of which say something
 * @returns {Stream}
 */
const eventStream = (format, events = 1, busy = 1) => ({
  path: (eventguid, cookie) => {
    const query = new URLSearchParams({ format });
    for (let other = 1; other < events; other++) query.append('event', eventOf(eventguid, other));
    query.append('event', eventguid);
    query.append('cookie', cookie);
    return `/v1/stream?${query.toString()}`;
  },
  triggers: 'socketio',
  busy,
});

/** @type {Readonly<Record<string, Stream>>} */
export const streams = {
  'sse-plain': eventStream('plain'),
  'sse-envelope': eventStream('envelope'),
  'sse-list': eventStream('plain', 11),
  'sse-journal': eventStream('plain', 12),
  'sse-journal-busy': eventStream('plain', 100, 100),
  nchan: { path: () => '/subscribe', triggers: 'nchan' },
};
