// Frames as latin1 text or as bytes: CPU of the writing process for each frame, over 1,000 TCP sockets. In one run, in turns, medians.
// npm run bench:frames [-- --sockets 1000 --rounds 9]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '9' },
    reader: { type: 'boolean', default: false },
  },
});
const SOCKETS = Number(values.sockets);
const WRITES = 200;
const HEAD = 'h'.repeat(200);
const TAIL = 't'.repeat(24);
const bytesOf = { head: Buffer.from(HEAD), tail: Buffer.from(TAIL) };

/** @typedef {{ socket: import('node:net').Socket, text: string, bytes: Buffer }} Subscriber its cookie both ways */
/** @typedef {(subscriber: Subscriber, frames: number) => void} Write */

/** @type {(cookie: string, frames: number) => string} */
function join(cookie, frames) {
  let text = '';
  for (let count = 0; count < frames; count++) text += HEAD + cookie + TAIL;
  return text;
}

/** @type {Record<string, Write>} */
const ways = {
  'latin1 text': ({ socket, text }, frames) => socket.write(join(text, frames), 'latin1'),
  'latin1 text, made a Buffer at the edge': ({ socket, text }, frames) =>
    socket.write(Buffer.from(join(text, frames), 'latin1')),
  'Buffers, copied together': ({ socket, bytes }, frames) => {
    const pieces = [];
    for (let count = 0; count < frames; count++) pieces.push(bytesOf.head, bytes, bytesOf.tail);
    socket.write(Buffer.concat(pieces));
  },
  'Buffers, written as they are (writev)': ({ socket, bytes }, frames) => {
    socket.cork();
    for (let count = 0; count < frames; count++) {
      socket.write(bytesOf.head);
      socket.write(bytes);
      socket.write(bytesOf.tail);
    }
    socket.uncork();
  },
};

/** @type {() => Promise<void>} */
async function read() {
  const server = createServer((socket) => socket.resume().on('error', () => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object') process.send?.(address?.port);
}

/** @type {(subscribers: readonly Subscriber[]) => Promise<void>} */
async function written(subscribers) {
  for (const { socket } of subscribers) {
    while (socket.writableLength > 0) await new Promise(setImmediate);
  }
}

/** @type {(write: Write, subscribers: readonly Subscriber[], frames: number) => Promise<number>} µs of CPU a frame */
async function measure(write, subscribers, frames) {
  const before = process.cpuUsage();
  for (let count = 0; count < WRITES / frames; count++) {
    for (const subscriber of subscribers) write(subscriber, frames);
    await new Promise(setImmediate);
    await written(subscribers);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (WRITES * subscribers.length);
}

/** @type {(all: readonly number[]) => number} */
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

/** @type {(port: number) => Promise<Subscriber[]>} */
async function connectAll(port) {
  const subscribers = [];
  for (let index = 0; index < SOCKETS; index++) {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    const text = `cookie-${index}`.padEnd(16, '=');
    subscribers.push({ socket, text, bytes: Buffer.from(text) });
  }
  return subscribers;
}

/** @type {(subscribers: readonly Subscriber[], frames: number) => Promise<void>} */
async function compare(subscribers, frames) {
  /** @type {Record<string, number[]>} */
  const measured = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const write of Object.values(ways)) await measure(write, subscribers, frames);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, write] of Object.entries(ways)) {
      measured[name]?.push(await measure(write, subscribers, frames));
    }
  }
  const text = median(measured['latin1 text'] ?? []);
  for (const [name, all] of Object.entries(measured)) {
    const figures = `${median(all).toFixed(2)}  (${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)})`;
    console.log(
      `${String(frames).padEnd(14)}${name.padEnd(42)}${figures.padEnd(22)}${(median(all) / text).toFixed(2)}`,
    );
  }
}

if (values.reader) {
  await read();
} else {
  const reader = fork(import.meta.filename, ['--reader']);
  const [port] = await once(reader, 'message');
  const subscribers = await connectAll(port);
  console.log('frames a write  as                                       CPU µs a frame        ratio');
  for (const frames of [1, 10]) await compare(subscribers, frames);
  for (const { socket } of subscribers) socket.destroy();
  reader.kill();
}
