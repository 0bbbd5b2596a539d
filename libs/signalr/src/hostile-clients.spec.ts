import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpTransportType, HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { rawJson, rawMessagePack, type RawProtocol } from './hubs/testing/raw-protocols.js';
import {
  jsonProtocol,
  messagePackProtocol,
  SignalRServer,
  type HubContext,
  type SignalRHub,
} from './index.js';
import { openChannel, type Channel, type Way } from './testing/channels.js';
import { garbage, hostile, mutated, seeded, type Random } from './testing/hostile-bytes.js';
import { Bench, until } from './transports/testing/bench.js';

/** Another one may be given, to look for more. */
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
const attackMs = 200;
const leastRounds = 40;
const attackers = 4;
const separator = '\u001e';
const mebibyte = 1024 * 1024;

const join = async (_: HubContext, items: AsyncIterable<unknown>): Promise<number> => {
  let count = 0;
  for await (const item of items) count += item === undefined ? 0 : 1;
  return count;
};

const methods = {
  Echo: { args: 1, call: (_: HubContext, value: unknown) => value },
  Join: { uploads: 1, call: join },
  Count: { stream: true, call: () => [1, 2, 3] },
};

/** What a client of this hub may say; what is changed comes from here. */
const sayings = [
  { type: 1, target: 'Echo', arguments: [{ a: ['b', null, 1.5] }], invocationId: '1' },
  { type: 1, target: 'Join', arguments: [], invocationId: '2', streamIds: ['3'] },
  { type: 2, invocationId: '3', item: 'x' },
  { type: 3, invocationId: '3', result: 1 },
  { type: 4, target: 'Count', arguments: [], invocationId: '4' },
  { type: 5, invocationId: '4' },
  { type: 6 },
  { type: 7 },
];

const lastWord = { type: 1, target: 'Echo', arguments: ['still here'], invocationId: 'last' };
const handshakeOf = (protocol: string) => Buffer.from(JSON.stringify({ protocol, version: 1 }) + separator);

let bench: Bench;
let server: SignalRServer;
let hub: SignalRHub;
let witness: HubConnection;
let told: number[];
let sent: number;

beforeEach(async () => {
  [told, sent] = [[], 0];
  server = new SignalRServer({ protocols: [jsonProtocol, messagePackProtocol], log: { warn: () => {} } });
  hub = server.addHub('/hub', { methods });
  bench = await Bench.start({
    accept: (connection) => server.accept('/hub', connection),
    closeTimeoutMs: 500,
  });
  witness = new HubConnectionBuilder()
    .withUrl(`http://127.0.0.1:${bench.port}/hub`, { transport: HttpTransportType.WebSockets })
    .configureLogging(LogLevel.None)
    .build();
  witness.on('Told', (value: number) => void told.push(value));
  await witness.start();
});

afterEach(async () => {
  await witness.stop();
  await server.drain(0);
  await bench.stop();
});

/** All are told, the witness and the hostile ones. */
function tell(): Promise<void> {
  return hub.clients.all.send('Told', sent++);
}

/** Rounds of attacks, several at a time, each with a seed of its own, which is in the error when one fails. */
async function attack(round: (random: Random) => Promise<void>): Promise<number> {
  const deadlineMs = performance.now() + attackMs;
  let rounds = 0;
  const attacker = async (): Promise<void> => {
    while (rounds < leastRounds || performance.now() < deadlineMs) {
      const seed = firstSeed + rounds++;
      await tell();
      await round(seeded(seed)).catch((error: unknown) => {
        throw new Error(`FUZZ_SEED=${seed}: ${String(error)}`, { cause: error });
      });
    }
  };
  await Promise.all(Array.from({ length: attackers }, attacker));
  return rounds;
}

/** Sends what is left to say, so that the server has either answered or ended the connection, whatever came before. */
async function sayLast(channel: Channel, protocol: RawProtocol, before: Buffer): Promise<void> {
  const isJson = protocol.name === 'json';
  if (isJson && before.length > 0 && !before.toString('latin1').endsWith(separator))
    await channel.send(Buffer.from(separator));
  await channel.send(protocol.write(lastWord));
  if (!isJson) await channel.send(Buffer.alloc(64 * 1024)); // longer than any message, and none by itself
}

/** What the server said after the handshake. */
function saidTo(channel: Channel, protocol: RawProtocol): ReturnType<RawProtocol['read']> {
  const received = channel.received();
  return protocol.read(received.subarray(received.indexOf(separator) + 1));
}

const answersOf = (channel: Channel, protocol: RawProtocol) =>
  saidTo(channel, protocol).filter(({ type, invocationId }) => type === 3 && invocationId === 'last');

async function expectAnsweredOrEnded(channel: Channel, protocol: RawProtocol): Promise<'answered' | 'ended'> {
  await until(() => channel.isEnded || answersOf(channel, protocol).length > 0);
  if (answersOf(channel, protocol).length > 0) return 'answered';
  const closed = 'Connection closed with an error.';
  expect([{ type: 7 }, { type: 7, error: closed, allowReconnect: true }]).toContainEqual(
    saidTo(channel, protocol).at(-1),
  );
  return 'ended';
}

async function expectNothingHappened(before: NodeJS.MemoryUsage): Promise<void> {
  await until(() => hub.connectionCount === 1);
  expect(await witness.invoke('Echo', 'fine')).toBe('fine');
  await until(() => told.length === sent);
  expect(told).toEqual(Array.from({ length: sent }, (_, index) => index));
  expect(bench.faults).toEqual([]);
  expect(process.memoryUsage().rss - before.rss).toBeLessThan(256 * mebibyte);
}

describe('hostile clients are answered or ended, and touch nobody else', () => {
  const ways: readonly (readonly [Way, RawProtocol])[] = [
    ['text frames', rawJson],
    ['binary frames', rawJson],
    ['text frames', rawMessagePack],
    ['binary frames', rawMessagePack],
    ['Server-Sent Events', rawJson],
    ['long polling', rawJson],
    ['long polling', rawMessagePack],
  ];

  it.each(ways.map(([way, protocol]) => [way, protocol.name, protocol] as const))(
    'over %s, after a handshake for %s',
    async (way, _, protocol) => {
      const before = process.memoryUsage();
      const outcomes = { answered: 0, ended: 0 };
      const frames = sayings.map((saying) => protocol.write(saying));
      const rounds = await attack(async (random) => {
        const channel = await openChannel(bench, way);
        await channel.send(handshakeOf(protocol.name));
        const bytes = Buffer.concat([
          frames[random(frames.length - 1)] ?? Buffer.of(),
          hostile(random, protocol, frames),
        ]);
        await channel.send(bytes);
        await sayLast(channel, protocol, bytes);
        outcomes[await expectAnsweredOrEnded(channel, protocol)] += 1;
        channel.drop();
      });
      await expectNothingHappened(before);
      expect(outcomes.answered + outcomes.ended).toBe(rounds);
      expect([outcomes.answered > 0, outcomes.ended > 0]).toEqual([true, true]);
    },
  );

  it.each(['text frames', 'binary frames', 'Server-Sent Events', 'long polling'] as const)(
    'over %s, with a handshake that is none',
    async (way) => {
      const before = process.memoryUsage();
      const valid = [handshakeOf('json'), handshakeOf('messagepack')];
      const rounds = await attack(async (random) => {
        const channel = await openChannel(bench, way);
        const bytes = random(2) === 0 ? garbage(random) : mutated(random, valid);
        await channel.send(Buffer.concat([bytes, Buffer.from(separator)]));
        await until(() => channel.isEnded || channel.received().includes(separator));
        const [answer = ''] = channel.received().toString('latin1').split(separator);
        expect(answer).toMatch(/^\{("error":".+")?\}$/);
        if (answer !== '{}') await until(() => channel.isEnded);
        channel.drop();
      });
      expect(rounds).toBeGreaterThan(0);
      await expectNothingHappened(before);
    },
  );
});
