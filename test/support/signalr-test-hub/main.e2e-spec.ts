import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, start, type Running } from '../../../scripts/processes.mjs';
import { writeCertificate } from './certificate.js';
import { arrived, closings, TestHubClients } from './test-hub-clients.js';

const clients = new TestHubClients();
let folder: string;
let files: Awaited<ReturnType<typeof writeCertificate>>;
let running: Running | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalr-test-hub-'));
  files = await writeCertificate(folder);
});
afterEach(async () => {
  await clients.stopAll();
  await running?.stop('SIGKILL');
});
afterAll(async () => rm(folder, { recursive: true }));

const args = ['--import', 'tsx', join(import.meta.dirname, 'main.ts')];
const environment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...process.env,
  HTTP_PORT: '0',
  HTTPS_PORT: '',
  TLS_CERT_FILE: '',
  TLS_KEY_FILE: '',
  ...env,
});

const launch = async (httpPort: number, env: NodeJS.ProcessEnv = {}): Promise<Running> => {
  running = await start({
    name: 'the test hub',
    command: process.execPath,
    args,
    env: environment({ HTTP_PORT: String(httpPort), ...env }),
    ready: async () => (await fetch(`http://127.0.0.1:${httpPort}/generateJwtToken`)).ok,
  });
  return running;
};

describe('the test hub as a process', () => {
  it('listens on both ports, says how to point the suite at it, and ends when told, clients and all', async () => {
    const [httpPort, httpsPort] = [await freePort(), await freePort()];
    const { output, stop } = await launch(httpPort, {
      HTTPS_PORT: String(httpsPort),
      TLS_CERT_FILE: files.certFile,
      TLS_KEY_FILE: files.keyFile,
    });
    await waitFor(() => output().includes('SERVER_URL'), 'the addresses');
    const [httpUrl, httpsUrl] = [`http://127.0.0.1:${httpPort}`, `https://127.0.0.1:${httpsPort}`];
    expect(output()).toContain(`SERVER_URL="${httpsUrl};${httpUrl}"`);
    const client = await clients.connect(`${httpUrl}/testhub`);
    const closed = closings(client);
    expect(await stop('SIGTERM')).toBe(0);
    await arrived(closed, 1, 'the end of the client');
  });

  it('listens on one port without a certificate, says so, and ends with SIGINT as well', async () => {
    const httpPort = await freePort();
    const { output, stop } = await launch(httpPort, { HTTPS_PORT: String(await freePort()) });
    await waitFor(() => output().includes('SERVER_URL'), 'the addresses');
    expect(output()).toContain(`SERVER_URL=";http://127.0.0.1:${httpPort}"`);
    expect(output()).toContain('no HTTPS: it needs a certificate');
    expect(await stop('SIGINT')).toBe(0);
  });

  it.each([
    [{ HTTP_PORT: 'nonsense' }, 'HTTP_PORT is not a port'],
    [{ TLS_CERT_FILE: 'cert.pem' }, 'HTTPS needs both TLS_CERT_FILE and TLS_KEY_FILE'],
    [{ TLS_CERT_FILE: 'missing.pem', TLS_KEY_FILE: 'missing.pem' }, 'ENOENT'],
  ])('does not start with %j', async (env, reason) => {
    const ended = promisify(execFile)(process.execPath, args, { env: environment(env) });
    await expect(ended).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(reason) });
  });
});
