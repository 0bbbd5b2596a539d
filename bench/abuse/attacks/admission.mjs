// What can be done before anybody is authenticated, and by coming and going.
import {
  EVENT_HUB,
  openSocketIo,
  record,
  signalRCommand,
  SOCKETIO_WS,
  socketIoCommand,
} from '../protocols.mjs';
import { frame, RawConnection, RawWebSocket, turn } from '../raw-connection.mjs';

/** @typedef {import('../attacker.mjs').Target} Target */
/** @typedef {import('../attacks.mjs').Attack} Attack */

const SILENT = 5_000;
const OPENED_AT_ONCE = 100;
const CONNECT_AT_ONCE = 256;

/**
 * Does the same over several connections until the attack is over.
 * @param {Target} target
 * @param {number} lanes
 * @param {(lane: number, round: number) => Promise<unknown>} round
 */
export async function inLanes(target, lanes, round) {
  const lane = async (/** @type {number} */ number) => {
    for (let count = 0; !target.signal.aborted; count++) {
      await round(number, count);
      await turn();
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
}

/**
 * Opens a WebSocket, floods it until it is closed, and begins again.
 * @param {Target} target
 * @param {string} path
 * @param {Buffer} bytes
 */
const floodUpgraded = (target, path, bytes) =>
  inLanes(target, 1, async () => {
    const link = await RawWebSocket.open(target, path);
    await link?.flood(bytes);
    link?.end();
  });

/** @type {Record<string, Attack>} */
export const admissionAttacks = {
  'connect-flood': {
    what: 'CONNECT packets of a Socket.IO connection that is nobody yet',
    isAnonymous: true,
    run: (target) =>
      floodUpgraded(
        target,
        SOCKETIO_WS,
        Buffer.concat(Array.from({ length: CONNECT_AT_ONCE }, () => frame('40/nowhere,{"token":"x"}'))),
      ),
  },
  'commands-before-connect': {
    what: 'triggers of a Socket.IO connection that is nobody yet',
    isAnonymous: true,
    run: (target) =>
      floodUpgraded(
        target,
        SOCKETIO_WS,
        Buffer.concat(Array.from({ length: 256 }, () => socketIoCommand('TriggerEvent', 'flood', 'x'))),
      ),
  },
  'negotiate-flood': {
    what: 'pipelined negotiations, 4 connections',
    isAnonymous: true,
    run: (target) =>
      inLanes(target, 4, async () => {
        const link = new RawConnection(target);
        link.tallyStatuses();
        const request = `POST ${EVENT_HUB}/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`;
        await link.flood(request.repeat(100));
        link.end();
      }),
  },
  'garbage-handshakes': {
    what: 'SignalR handshakes that are none',
    isAnonymous: true,
    run: (target) =>
      inLanes(target, 20, async () => {
        const link = await RawWebSocket.open(target, EVENT_HUB);
        if (!link) return;
        link.onClose = () => link.end();
        await link.write(frame(record({ protocol: 'nonsense', version: 99 })));
        await link.closed;
      }),
  },
  'wrong-tokens': {
    what: 'Socket.IO connections with tokens that nobody has',
    isAnonymous: true,
    needsTokens: true,
    run: (target) =>
      inLanes(target, 20, async (lane, round) => {
        const link = await RawWebSocket.open(target, SOCKETIO_WS);
        await link?.write(frame(`40{"token":"wrong ${lane} ${round}"}`));
        await new Promise((resolve) => setTimeout(resolve, 1));
        link?.end();
      }),
  },
  'silent-sockets': {
    what: `${SILENT} connections that say nothing`,
    isAnonymous: true,
    run: async (target) => {
      for (let opened = 0; opened < SILENT && !target.signal.aborted; opened += OPENED_AT_ONCE) {
        const batch = Array.from({ length: OPENED_AT_ONCE }, () => new RawConnection(target));
        await Promise.all(batch.map((link) => link.write('G')));
        target.tally('opened', OPENED_AT_ONCE);
        await turn();
      }
    },
  },
  churn: {
    what: 'connections that subscribe and leave, 20 at a time',
    run: (target) =>
      inLanes(target, 20, async (lane) => {
        const link = await openSocketIo(target);
        if (!link) return;
        const answered = new Promise((resolve) => {
          link.onText = resolve;
        });
        await link.write(socketIoCommand('SubscribeToEvent', `churn ${lane}`, 'c'));
        await Promise.race([answered, link.closed]);
        target.tally('came and went');
        link.end();
      }),
  },
  'durable-sessions': {
    what: 'ever new durable subscribers, each with 20 subscriptions',
    run: (target) =>
      inLanes(target, 20, async (lane, round) => {
        const link = await openSocketIo(target, { subscriberId: `flood ${lane} ${round}` });
        if (!link) return target.tally('not admitted');
        let answers = 0;
        const answered = new Promise((resolve) => {
          const read = link.onText;
          link.onText = (text) => {
            read(text);
            if (++answers === 20) resolve(true);
          };
        });
        const cookie = 'c'.repeat(4_096);
        const commands = Array.from({ length: 20 }, (_, event) =>
          socketIoCommand('SubscribeToEvent', `durable ${round % 100} ${event}`, cookie),
        );
        await link.write(Buffer.concat(commands));
        await Promise.race([answered, link.closed]);
        link.end();
      }),
  },
  'signalr-unshaken': {
    what: 'invocations of SignalR connections that never shake hands',
    isAnonymous: true,
    run: (target) =>
      floodUpgraded(
        target,
        EVENT_HUB,
        Buffer.concat(Array.from({ length: 256 }, () => signalRCommand('TriggerEvent', 'flood', 'x', false))),
      ),
  },
};
