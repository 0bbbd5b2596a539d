import { describe, expect, it } from '@jest/globals';
import { garbage, mutated, seeded } from '../testing/hostile-bytes.js';
import { HandshakeReader } from './handshake.js';
import { ProtocolError, type HubProtocol } from './hub-protocol.js';
import { jsonProtocol } from './json-protocol.js';
import { messagePackProtocol } from './messagepack-protocol.js';
import { EVERY_KIND, wireOf } from './protocol-samples.js';

const max = 4096;
const rounds = 20_000;
/** Ten times and more what it takes; what grows with the square takes a minute. Jest does not end what never waits. */
const boundMs = 8000;

/** Feeds bytes in two chunks; anything but messages or a ProtocolError fails the test. */
function feed(protocol: HubProtocol, bytes: Uint8Array, cut: number): 'read' | 'refused' {
  const reader = protocol.reader(max);
  try {
    for (const chunk of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      for (const message of reader.read(chunk)) protocol.write(message);
    }
    return 'read';
  } catch (error) {
    if (error instanceof ProtocolError) return 'refused';
    throw new Error(`bytes ${Buffer.from(bytes).toString('hex')}`, { cause: error });
  }
}

describe.each([
  ['json', jsonProtocol],
  ['messagepack', messagePackProtocol],
])('%s among hostile bytes', (_name, protocol) => {
  it.each([1, 2])('throws nothing but ProtocolError, seed %i', (seed) => {
    const random = seeded(seed);
    const frames = EVERY_KIND.map((message) => wireOf(protocol, [message]));
    const outcomes = { read: 0, refused: 0 };
    const startedMs = performance.now();
    for (let round = 0; round < rounds / 2; round += 1) {
      for (const bytes of [garbage(random), mutated(random, frames)]) {
        outcomes[feed(protocol, bytes, random(bytes.length))] += 1;
      }
    }
    expect(performance.now() - startedMs).toBeLessThan(boundMs);
    expect(outcomes.read).toBeGreaterThan(rounds / 100);
    expect(outcomes.refused).toBeGreaterThan(rounds / 100);
  });

  it('allocates little for what bytes declare', () => {
    const wires = ['dd7fffffff', 'df7fffffff', 'c67fffffff', 'db7fffffff', 'c97fffffff'].map((hex) =>
      Uint8Array.of(6, 0x91, ...Buffer.from(hex, 'hex')),
    );
    const beforeBytes = process.memoryUsage().rss;
    for (let round = 0; round < 1000; round += 1) for (const wire of wires) feed(protocol, wire, 0);
    expect(process.memoryUsage().rss - beforeBytes).toBeLessThan(200 * 1024 * 1024);
  });

  it('takes a message of a megabyte in chunks of ten bytes in no more than linear time', () => {
    const item = 'x'.repeat(1024 * 1024);
    const wire = wireOf(protocol, [{ type: 'stream-item', invocationId: '1', item }]);
    const reader = protocol.reader(2 * 1024 * 1024);
    const messages = [];
    const startedMs = performance.now();
    for (let start = 0; start < wire.length; start += 10) {
      messages.push(...reader.read(wire.subarray(start, start + 10)));
    }
    expect(performance.now() - startedMs).toBeLessThan(boundMs);
    expect(messages).toEqual([{ type: 'stream-item', invocationId: '1', item }]);
  });
});

describe('HandshakeReader among hostile bytes', () => {
  it('answers every garbage with an error, a request or nothing', () => {
    const random = seeded(3);
    const valid = [Buffer.from('{"protocol":"json","version":1}\u001e')];
    let refused = 0;
    for (let round = 0; round < rounds; round += 1) {
      const bytes = round % 2 === 0 ? garbage(random) : mutated(random, valid);
      const answer = new HandshakeReader(max).read(bytes);
      if (answer !== undefined && 'error' in answer) refused += 1;
    }
    expect(refused).toBeGreaterThan(rounds / 100);
  });
});
