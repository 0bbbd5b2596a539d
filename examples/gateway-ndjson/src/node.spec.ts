import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { io } from 'socket.io-client';
import { BRIDGES } from '../../../apps/hub/src/bridges.js';
import { readConfig, settingsOf } from '../../../apps/hub/src/config.js';
import { HubNode } from '../../../apps/hub/src/hub-node.js';
import { PROTOCOLS } from '../../../apps/hub/src/protocols.js';
import { freePort } from '../../../scripts/processes.mjs';
import { ndjson } from './index.js';
import { AT_ONCE, readLines } from './ndjson.lines.js';

/** The list of the hub app, with one line more. */
const edges = { protocols: [...PROTOCOLS, ndjson], bridges: BRIDGES };
const never = new Promise<void>(() => undefined);

describe('a hub node whose list of protocols has one line more', () => {
  const lines: string[] = [];
  let node: HubNode;
  let socket: Socket;
  let port: number;

  beforeEach(async () => {
    lines.length = 0;
    port = await freePort();
    const environment = { PORT: '0', RINGBACK_SHUTDOWN_DELAY_MS: '0', RINGBACK_NDJSON_PORT: String(port) };
    node = await HubNode.start(readConfig(environment, edges), new RecordingLog());
    socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    readLines(socket, Number.MAX_SAFE_INTEGER, AT_ONCE, (line) => lines.push(line));
  });

  afterEach(async () => {
    socket.destroy();
    await node.stop(never);
  });

  function send(...messages: readonly object[]): void {
    socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  }

  it('brings events of other protocols to its clients, and theirs to others', async () => {
    const other = io(node.url, { forceNew: true, reconnection: false });
    await once(other as never, 'connect');
    await other.emitWithAck('SubscribeToEvent', 'door-4', 'a browser');
    const received = once(other as never, 'ReceiveEvent');
    send(
      { id: 1, method: 'Connect', args: [{}] },
      { id: 2, method: 'SubscribeToEvent', args: ['door-4', 'a lamp'] },
      { id: 3, method: 'TriggerEvent', args: ['door-4', 'open'] },
    );
    expect((await received).slice(0, 3)).toEqual(['door-4', 'a browser', 'open']);
    await waitFor(
      () => lines.some((line) => line.includes('"ReceiveEvent","args":["door-4","a lamp","open"')),
      'the event',
    );
    other.disconnect();
  });

  it('is configured by its own settings, and counts its connections', async () => {
    expect(Object.keys(settingsOf(edges))).toContain('RINGBACK_NDJSON_PORT');
    send({ id: 1, method: 'Connect', args: [{}] });
    await waitFor(() => lines.length > 0, 'the reply');
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    expect(metrics).toContain('ringback_connections{gateway="ndjson"} 1');
  });

  it.each([
    ['no JSON', 'GET / HTTP/1.1', 'bad-request'],
    ['another method', '{"id":1,"method":"TriggerEvent","args":["e"]}', 'bad-request'],
    ['nothing to greet with', '{"id":1,"method":"Connect","args":[null]}', 'bad-request'],
  ])('refuses a client that begins with %s, and says why', async (_, line, code) => {
    socket.write(`${line}\n`);
    await once(socket, 'close');
    expect(lines.join('\n')).toContain(`"code":"${code}"`);
  });

  it('tells its clients to come back when it stops', async () => {
    send({ id: 1, method: 'Connect', args: [{}] });
    await waitFor(() => lines.length > 0, 'the reply');
    await node.stop(never);
    await waitFor(() => lines.at(-1)?.includes('"name":"draining"'), 'the reason');
    const again = connect(port, '127.0.0.1');
    await expect(once(again, 'connect')).rejects.toThrow('ECONNREFUSED');
  });
});
