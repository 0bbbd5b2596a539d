import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { SignalRServer } from '@ringback/signalr';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatModule, Guestbook } from './testing/chat-example.js';
import { NestApplication } from './testing/nest-application.js';

let application: NestApplication | undefined;
afterEach(() => application?.close());

describe('the example', () => {
  it('is the one of the README', async () => {
    const [readme, example] = await Promise.all(
      ['../README.md', 'testing/chat-example.ts'].map((file) =>
        readFile(join(import.meta.dirname, file), 'utf8'),
      ),
    );
    expect(readme).toContain(example?.replace(`'../index.js'`, `'@ringback/signalr-nest'`));
  });

  it('takes guests in by their token, and tells their rooms and, by HTTP, everybody what is said', async () => {
    application = await NestApplication.start({ imports: [ChatModule] });
    const { app, url } = application;
    await expect(application.connect('/chat', { accessTokenFactory: () => '' })).rejects.toThrow('401');
    const client = await application.connect('/chat');
    const said: unknown[] = [];
    client.on('said', (...args) => said.push(args));
    expect(await client.invoke('join', 'kitchen')).toBe(true);
    expect(await client.invoke('say', 'kitchen', 'hello')).toBe(5);
    expect(await client.invoke('say', 'cellar', 'nobody here')).toBe(11);
    const body = JSON.stringify({ text: 'dinner' });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${url}/announcements`, { method: 'POST', headers, body })).status).toBe(204);
    await waitFor(() => said.length === 2, 'what is said');
    expect(said).toEqual([
      ['ann', 'hello'],
      ['everybody', 'dinner'],
    ]);
    expect([
      app.get(Guestbook, { strict: false }).guests,
      app.get(SignalRServer).hubAt('/chat')?.connectionCount,
    ]).toEqual([['ann'], 1]);
  });
});
