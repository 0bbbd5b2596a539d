// Commands without waiting for replies, over one connection.
import { EXTENDED_HUB, openSignalR, openSocketIo, signalRCommand, socketIoCommand } from '../protocols.mjs';
import { turn } from '../raw-connection.mjs';

/** @typedef {import('../attacker.mjs').Target} Target */
/** @typedef {import('../attacks.mjs').Attack} Attack */

const AT_ONCE = 256;
/** As much as the hub takes by default. */
const LARGEST_DATA = 65_536;
const KEYS = 10_000;
/** Fewer than what a connection may have done in one turn. */
const BURST = 31;
const BURST_EVERY_MS = 1_000;
const MANY = 300;
/** Of this process. @type {import('../raw-connection.mjs').RawWebSocket[]} */
const many = [];

/**
 * Opens a connection, and another one whenever it is closed; floods each.
 * @param {Target} target
 * @param {(target: Target) => Promise<import('../raw-connection.mjs').RawWebSocket | undefined>} open
 * @param {Buffer} bytes
 */
async function floodAgain(target, open, bytes) {
  while (!target.signal.aborted) {
    const link = await open(target);
    if (link) await link.flood(bytes);
    link?.end();
    await turn();
  }
}

/** @param {Buffer[]} commands */
const repeated = (...commands) =>
  Buffer.concat(Array.from({ length: AT_ONCE / commands.length }, () => commands).flat());

/** @param {Target} target */
const openExtended = (target) => openSignalR(target, EXTENDED_HUB);

/**
 * Writes batches of commands that all differ.
 * @param {Target} target
 * @param {(number: number) => Buffer} command
 */
async function floodDifferent(target, command) {
  const link = await openSocketIo(target);
  if (!link) return;
  for (let number = 0; !target.signal.aborted;) {
    const batch = Array.from({ length: AT_ONCE }, () => command(number++));
    if (!(await link.write(Buffer.concat(batch)))) break;
    await turn();
  }
}

/** @type {Record<string, Attack>} */
export const commandAttacks = {
  'triggers-socketio': {
    what: 'pipelined triggers of one Socket.IO connection',
    run: (target) =>
      floodAgain(target, openSocketIo, repeated(socketIoCommand('TriggerEvent', 'flood', 'x'))),
  },
  'triggers-signalr': {
    what: 'pipelined triggers of one SignalR connection',
    run: (target) =>
      floodAgain(target, openSignalR, repeated(signalRCommand('TriggerEvent', 'flood', 'x', false))),
  },
  subscribes: {
    what: 'pipelined subscribes and unsubscribes of one connection',
    run: (target) =>
      floodAgain(
        target,
        openSocketIo,
        repeated(
          socketIoCommand('SubscribeToEvent', 'flood', 'c'),
          socketIoCommand('UnsubscribeFromEvent', 'flood'),
        ),
      ),
  },
  'invalid-socketio': {
    what: 'commands that are wrong, over Socket.IO',
    run: (target) => floodAgain(target, openSocketIo, repeated(socketIoCommand('SubscribeToEvent', '', 'c'))),
  },
  'invalid-signalr': {
    what: 'commands that are wrong, over SignalR',
    run: (target) => floodAgain(target, openExtended, repeated(signalRCommand('Nope', 1))),
  },
  'replies-unread': {
    what: 'triggers of a client that never reads its replies',
    run: async (target) => {
      const link = await openSocketIo(target);
      link?.deafen();
      await link?.flood(repeated(socketIoCommand('TriggerEvent', 'flood', 'x')));
    },
  },
  'giant-messages': {
    what: 'triggers with data of the greatest length, 4 connections',
    run: async (target) => {
      const giant = socketIoCommand('TriggerEvent', 'flood', 'x'.repeat(LARGEST_DATA));
      await Promise.all(Array.from({ length: 4 }, () => floodAgain(target, openSocketIo, giant)));
    },
  },
  'fresh-events': {
    what: 'triggers of ever new events with 1 KiB of data',
    run: (target) =>
      floodDifferent(target, (number) =>
        socketIoCommand('TriggerEvent', `fresh ${number}`, 'x'.repeat(1_024)),
      ),
  },
  'idempotency-keys': {
    what: 'triggers with ever new idempotency keys',
    run: (target) =>
      floodDifferent(target, (number) =>
        socketIoCommand('TriggerEvent', `keyed ${number % KEYS}`, 'x', {
          key: `${number}`.padStart(128, 'k'),
        }),
      ),
  },
  bursts: {
    what: `${MANY} connections that send ${BURST} triggers each at the same moment, again and again`,
    prepare: async (target) => {
      for (let count = 0; count < MANY; count++) {
        const link = await openSocketIo(target);
        if (link) many.push(link);
      }
    },
    run: async (target) => {
      const burst = Buffer.concat(
        Array.from({ length: BURST }, () => socketIoCommand('TriggerEvent', 'burst', 'x')),
      );
      while (!target.signal.aborted) {
        for (const link of many) link.socket.write(burst);
        await new Promise((resolve) => setTimeout(resolve, BURST_EVERY_MS));
      }
    },
  },
  presence: {
    what: '50 members of one event that come and go',
    run: async (target) => {
      const bytes = repeated(
        socketIoCommand('SubscribeToEvent', 'present', 'c', { presence: true }),
        socketIoCommand('UnsubscribeFromEvent', 'present'),
      );
      await Promise.all(Array.from({ length: 50 }, () => floodAgain(target, openSocketIo, bytes)));
    },
  },
};
