// Many subscribers of one event, in a process of their own. Speaks just enough Engine.IO and Socket.IO: ten thousand stock
// clients would cost more than the hub that is looked at. Obeys its parent (crowd.ts): come, tell, leave.
import { WebSocket } from 'ws';

const [url = '', eventguid = '', name = '', size = '0'] = process.argv.slice(2);
/** Who is turned away comes again after this or up to twice that. */
const AGAIN_MS = 250;
/** As long as the stock client waits. */
const HANDSHAKE_MS = 20_000;

/** @typedef {{ ok: boolean, position: string, recovered?: boolean }} Reply */

/** One subscriber, which remembers where it stood, as the SDK does. */
class Member {
  /** Offsets in order of arrival, and what was said of them if anything. @type {string[]} */
  received = [];
  /** @type {string | undefined} */
  position;
  /** @type {Reply | undefined} */
  reply;
  /** @type {WebSocket | undefined} */
  socket;
  /** Why each time it was: a status, an error of the system, its own patience, or how a connection was closed. @type {string[]} */
  turnedAway = [];

  /** @param {string} cookie */
  constructor(cookie) {
    this.cookie = cookie;
    this.expected = `42["ReceiveEvent","${eventguid}","${cookie}",`;
  }

  /** Connects and subscribes, from where it stood if it has been there. */
  come() {
    this.reply = undefined;
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
    });
    this.socket = socket;
    socket.on('message', (bytes) => this.hear(socket, /** @type {Buffer} */ (bytes).toString()));
    let why = '';
    socket.on('error', ({ message }) => (why = message)); // it closes, too
    socket.on('close', (code) => this.lose(socket, why || `closed with ${code}`));
  }

  /**
   * Until it has its reply it is on its way, and tries again.
   * @param {WebSocket} socket
   * @param {string} why
   */
  lose(socket, why) {
    if (socket !== this.socket) return;
    this.socket = undefined;
    if (this.reply) return;
    this.turnedAway.push(why);
    setTimeout(() => this.come(), AGAIN_MS * (1 + Math.random()));
  }

  /**
   * @param {WebSocket} socket
   * @param {string} message
   */
  hear(socket, message) {
    if (message === '2') socket.send('3');
    else if (message.startsWith('42')) this.take(message);
    else if (message.startsWith('430')) this.reply = JSON.parse(message.slice(3))[0];
    else if (message.startsWith('40')) socket.send(`420${JSON.stringify(this.subscribe())}`);
    else if (message.startsWith('0')) socket.send('40');
    if (this.reply) this.position ??= this.reply.position;
  }

  subscribe() {
    const options = this.position === undefined ? [] : [{ after: this.position }];
    return ['SubscribeToEvent', eventguid, this.cookie, ...options];
  }

  /** @param {string} message */
  take(message) {
    if (!message.startsWith(this.expected)) return this.received.push(message);
    const { position, recovered } = JSON.parse(message.slice(2))[4];
    this.position = position;
    return this.received.push(position.split(':')[1] + (recovered === undefined ? '' : ` ${recovered}`));
  }
}

const members = Array.from({ length: Number(size) }, (_, index) => new Member(`${name}-${index}`));

/** How many of the members there are with each answer, by answer. @param {(member: Member) => string} answer */
function census(answer) {
  return count(members.map(answer));
}

/** @param {readonly string[]} answers */
function count(answers) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

/** @param {Reply | undefined} reply */
function describeReply(reply) {
  if (!reply) return 'none';
  if (!reply.ok) return JSON.stringify(reply);
  return reply.recovered === undefined ? 'accepted' : `recovered ${reply.recovered}`;
}

function tell() {
  return {
    connected: census(({ socket }) => (socket ? 'yes' : 'no')),
    replies: census(({ reply }) => describeReply(reply)),
    received: census(({ received }) => received.join(' ')),
    turnedAway: count(members.flatMap(({ turnedAway }) => turnedAway)),
  };
}

/** All at once, or so many a second. @param {number} [perSecond] */
async function comeAll(perSecond = Infinity) {
  const beganAt = performance.now();
  for (const [index, member] of members.entries()) {
    while (index > ((performance.now() - beganAt) / 1_000) * perSecond)
      await new Promise((resolve) => setTimeout(resolve, 10));
    member.come();
  }
}

process.on('message', (/** @type {{ come?: true, perSecond?: number }} */ { come, perSecond }) => {
  if (come) comeAll(perSecond).catch(console.error);
  process.send?.(tell());
});
process.on('disconnect', () => process.exit());
