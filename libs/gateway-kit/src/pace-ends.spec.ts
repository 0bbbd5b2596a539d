import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TurnBudget, type TurnClock } from '@ringback/async';
import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { paceEnds } from './pace-ends.js';

/** Turns that end when the test says so, in a time that passes with each look at it. */
class LookedAtTurns implements TurnClock {
  private time = 0;
  private readonly tasks: (() => void)[] = [];

  now(): number {
    this.time += 1;
    return this.time;
  }

  nextTurn(task: () => void): void {
    this.tasks.push(task);
  }

  turn(): void {
    for (const task of this.tasks.splice(0)) task();
  }
}

const COUNT = 60;
/** What fits into ten looks at the clock. */
const MOST_IN_ONE_TURN = 10;

describe('paceEnds', () => {
  let turns: LookedAtTurns;
  let server: Server;
  let clients: WebSocket[];
  let carriers: Socket[];
  /** Codes with which the WebSockets of the server have closed, in order. */
  let closed: number[];

  beforeEach(async () => {
    turns = new LookedAtTurns();
    const budget = new TurnBudget(turns);
    [clients, carriers, closed] = [[], [], []];
    server = createServer().listen(0, '127.0.0.1');
    new WebSocketServer({ server }).on('connection', (near, { socket }) => {
      carriers.push(socket);
      paceEnds(socket, budget);
      near.on('close', (code) => closed.push(code));
    });
    await once(server, 'listening');
  });

  afterEach(() => {
    for (const client of clients) client.terminate();
    for (const carrier of carriers) carrier.destroy();
    server.close();
  });

  async function open(count: number): Promise<void> {
    const { port } = server.address() as AddressInfo;
    clients = Array.from({ length: count }, () => new WebSocket(`ws://127.0.0.1:${port}`));
    await Promise.all(clients.map((client) => once(client, 'open')));
    await waitFor(() => carriers.length === count);
  }

  /** Lets turns pass until all WebSockets have closed. Answers how many did in each. */
  async function closePerTurn(): Promise<number[]> {
    const each: number[] = [];
    await waitFor(() => {
      const before = closed.length;
      turns.turn();
      each.push(closed.length - before);
      return closed.length === COUNT;
    });
    return each;
  }

  it.each([
    ['are cut', (client: WebSocket) => client.terminate()],
    ['close', (client: WebSocket) => client.close(1000)],
  ])(
    'tells a bounded number in each turn, and all in the end, where very many %s at once',
    async (_, end) => {
      await open(COUNT);
      for (const client of clients) end(client);
      await waitFor(() => carriers.every(({ readableEnded }) => readableEnded));
      expect(closed.length).toBeLessThanOrEqual(MOST_IN_ONE_TURN);
      expect(Math.max(...(await closePerTurn()))).toBeLessThanOrEqual(MOST_IN_ONE_TURN);
      expect(closed).toHaveLength(COUNT);
    },
  );

  it('tells of one at once', async () => {
    await open(1);
    clients[0]!.terminate();
    await waitFor(() => closed.length === 1);
    expect(closed).toEqual([1006]);
  });

  it('tells of a socket that is destroyed while its end waits once, that it is closed', async () => {
    await open(COUNT);
    for (const client of clients) client.terminate();
    await waitFor(() => carriers.every(({ readableEnded }) => readableEnded));
    for (const carrier of carriers) carrier.destroy();
    await closePerTurn();
    expect(closed).toEqual(Array.from({ length: COUNT }, () => 1006));
  });
});
