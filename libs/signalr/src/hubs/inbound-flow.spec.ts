import { describe, expect, it } from '@jest/globals';
import type { HubDefinition, InboundFlow, InboundSource } from './index.js';
import { settle, testServer } from './testing/test-server.js';

/** Puts everything off until it is told to go on. */
class ManualFlow implements InboundFlow {
  waitingBytes = 0;
  unbound = 0;
  source: InboundSource | undefined;
  private readonly waiting: (() => boolean)[] = [];

  add(bytes: number, work: () => boolean): void {
    this.waitingBytes += bytes;
    this.waiting.push(work);
  }

  finish(onFinished: () => void): void {
    this.waiting.push(() => {
      onFinished();
      return false;
    });
  }

  close(): void {
    this.waiting.length = 0;
  }

  onUnboundCall(): void {
    this.unbound += 1;
  }

  /** Does the work of one message. */
  step(): void {
    if (this.waiting[0]?.() === false) this.waiting.shift();
  }
}

const called: unknown[] = [];
const definition: HubDefinition = {
  methods: { Say: { args: 1, call: (_context, text) => void called.push(text) } },
};
const say = (text: string) => ({ type: 1, target: 'Say', arguments: [text] });

function setUp() {
  called.length = 0;
  const flow = new ManualFlow();
  const parts = testServer(definition, {
    inboundFlow: (source: InboundSource) => {
      flow.source = source;
      return flow;
    },
  });
  const client = parts.connect();
  return { ...parts, flow, client };
}

describe('a flow of the application', () => {
  it('decides when what a client sends is worked on, message by message, the handshake too', async () => {
    const { flow, client } = setUp();
    client.shakesHands();
    expect(client.received).toEqual([]);
    flow.step();
    expect(client.received).toEqual([{}]);
    client.says(say('a'), say('b'));
    flow.step();
    await settle();
    expect(called).toEqual(['a']);
    flow.step();
    await settle();
    expect(called).toEqual(['a', 'b']);
  });

  it('still does what a client has sent that leaves', async () => {
    const { flow, client } = setUp();
    client.shakesHands();
    flow.step();
    client.says(say('last'));
    client.goes();
    for (let count = 0; count < 3; count += 1) flow.step();
    await settle();
    expect(called).toEqual(['last']);
  });

  it('lets no silence count while it pauses the client', () => {
    const { flow, client, timers } = setUp();
    client.shakesHands();
    flow.step();
    client.says({ type: 6 });
    flow.step();
    flow.source?.pause();
    timers.pass(300_000);
    expect(client.ended).toEqual([]);
    flow.source?.resume();
    timers.pass(60_000);
    expect(client.ended).toEqual(['close']);
  });

  it('is told of calls that fit no method', () => {
    const { flow, client } = setUp();
    client.shakesHands();
    flow.step();
    client.says({ type: 1, target: 'Nothing', arguments: [] }, { type: 1, target: 'Say', arguments: [] });
    flow.step();
    flow.step();
    expect(flow.unbound).toBe(2);
  });
});
