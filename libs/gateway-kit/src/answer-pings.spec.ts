import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { answerPings } from './answer-pings.js';

describe('answerPings', () => {
  let server: WebSocketServer;
  let client: WebSocket;
  let pongs: string[];

  afterEach(() => {
    client.terminate();
    server.close();
  });

  async function open(): Promise<void> {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
    server.on('connection', answerPings);
    await once(server, 'listening');
    pongs = [];
    client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    client.on('pong', (data) => pongs.push(data.toString()));
    await once(client, 'open');
  }

  it('answers a ping with what it brought', async () => {
    await open();
    client.ping('here');
    await waitFor(() => pongs.length === 1);
    client.ping();
    await waitFor(() => pongs.length === 2);
    expect(pongs).toEqual(['here', '']);
  });

  it('answers the last of many that come at once, and few of the others', async () => {
    await open();
    for (let ping = 1; ping <= 10_000; ping++) client.ping(`${ping}`);
    await waitFor(() => pongs.at(-1) === '10000');
    expect(pongs.length).toBeLessThan(1_000);
  });

  it('answers nobody any more who has gone meanwhile', async () => {
    await open();
    const gone = new Promise((resolve) => server.once('connection', (near) => near.once('close', resolve)));
    const other = new WebSocket(client.url);
    await once(other, 'open');
    other.ping('x');
    other.terminate();
    await gone;
    client.ping('still');
    await waitFor(() => pongs.at(-1) === 'still');
  });
});
