import { HttpTransportType, HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { readFileSync } from 'node:fs';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

const PAGE = readFileSync('docs/security.md', 'utf8');
const never = new Promise<void>(() => {});

/** The block of the page that has this word behind its language. */
function block(word: string): string {
  const [, text] = new RegExp(`\`\`\`json ${word}\n(.*?)\`\`\``, 's').exec(PAGE) ?? [];
  if (text === undefined) throw new Error(`docs/security.md has no block ${word}.`);
  return text;
}

describe('docs/security.md', () => {
  let node: HubNode;
  const clients: HubConnection[] = [];

  /** A stock client of the event hub of MDriven, as it is delivered: three strings. */
  const connect = async (query = ''): Promise<HubConnection> => {
    const client = new HubConnectionBuilder()
      .withUrl(`${node.url}/RealtimeEventPushHub${query}`, { transport: HttpTransportType.WebSockets })
      .configureLogging(LogLevel.None)
      .build();
    clients.push(client);
    await client.start();
    return client;
  };

  const triggerOverHttp = async (eventguid: string, token?: string): Promise<readonly [number, string]> => {
    const response = await fetch(`${node.url}/v1/events/${eventguid}/trigger`, {
      method: 'POST',
      headers: {
        'content-type': 'text/plain',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: 'data',
    });
    return [response.status, await response.text()];
  };

  beforeEach(async () => {
    const environment = {
      PORT: '0',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
      RINGBACK_ACCESS_TOKENS: block('tokens'),
      RINGBACK_ANONYMOUS: block('anonymous'),
    };
    node = await HubNode.start(readConfig(environment), new RecordingLog());
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.stop()));
    await node.stop(never);
  });

  it('lets stock MDriven clients in without a token, to what their patterns match', async () => {
    const client = await connect();
    const received: unknown[][] = [];
    client.on('ReceiveEvent', (...args: unknown[]) => received.push(args));
    await client.invoke('SubscribeToEvent', 'order-1', 'cookie');
    await client.invoke('TriggerEvent', 'order-1', 'first', false);
    await client.invoke('TriggerEvent', 'order-1', 'last', true);
    await waitFor(() => received.length === 2, 'both deliveries');
    expect(received).toEqual([
      ['order-1', 'cookie', 'first'],
      ['order-1', 'cookie', 'last'],
    ]);
    await expect(client.invoke('SubscribeToEvent', 'user-ann', 'cookie')).rejects.toThrow(
      'forbidden: The right subscribe is missing.',
    );
    await expect(client.invoke('TriggerEvent', 'user-ann', 'data', false)).rejects.toThrow(
      'The right trigger is missing.',
    );
  });

  it('takes the token of a stock client out of its URL', async () => {
    const client = await connect('?access_token=t0ken');
    await client.invoke('SubscribeToEvent', 'user-ann', 'cookie');
    await expect(client.invoke('SubscribeToEvent', 'order-secret-1', 'cookie')).rejects.toThrow('forbidden');
    await expect(connect('?access_token=wrong')).rejects.toThrow('401');
  });

  it('lets nobody else in without a token', async () => {
    expect(await triggerOverHttp('order-1')).toMatchObject([401, expect.stringContaining('unauthorized')]);
    expect((await fetch(`${node.url}/v1/stream?event=order-1`)).status).toBe(401);
    expect(await triggerOverHttp('order-1', 't0ken')).toMatchObject([202, expect.any(String)]);
    expect(await triggerOverHttp('user-ann', 't0ken')).toMatchObject([
      403,
      expect.stringContaining('The right trigger is missing.'),
    ]);
  });

  it('lets an entry with read look, and end nothing', async () => {
    const ask = (path: string, method = 'GET') =>
      fetch(`${node.url}/v1/${path}`, { method, headers: { authorization: 'Bearer t0ken' } });
    expect((await ask('nodes')).status).toBe(200);
    expect((await ask('connections/none', 'DELETE')).status).toBe(403);
  });
});
