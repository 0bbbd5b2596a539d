import { afterEach, describe, expect, it } from '@jest/globals';
import { HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { transformSync } from '@swc/core';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as nodeHttp from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as library from './index.js';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
const clients: HubConnection[] = [];
const http = nodeHttp.createServer();
afterEach(async () => {
  for (const client of clients) await client.stop();
  http.closeAllConnections();
  http.close();
});

const bound = (server: nodeHttp.Server, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(server, name);
  return typeof value === 'function' ? value.bind(server) : value;
};

/** Runs the code of the README as it stands there, but for the port. */
const runExample = async (): Promise<string> => {
  const { code } = transformSync(example, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  });
  const createServer = () =>
    new Proxy(http, {
      get: (server, name) => (name === 'listen' ? () => server.listen(0) : bound(server, name)),
    });
  const modules = new Map<string, unknown>([
    ['node:http', { createServer }],
    ['@ringback/signalr', library],
  ]);
  const require = (name: string) => modules.get(name);
  Reflect.apply(compileFunction(code, ['require', 'exports']), undefined, [require, {}]);
  await once(http, 'listening');
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/chat`;
};

const connect = async (url: string): Promise<HubConnection> => {
  const client = new HubConnectionBuilder().withUrl(url).configureLogging(LogLevel.None).build();
  clients.push(client);
  await client.start();
  return client;
};

describe('the README', () => {
  it('shows a hub in fifteen lines that a released client can use', async () => {
    const url = await runExample();
    const [one, other] = [await connect(url), await connect(url)];
    const said = new Promise((resolve) => other.on('Said', resolve));
    expect(await one.invoke('Say', 'hello')).toBe(5);
    expect(await said).toBe('hello');
    expect(example.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(15);
  });
});
