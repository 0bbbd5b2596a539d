import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeCertificate } from './certificate.js';
import { TestHubClients, transports } from './test-hub-clients.js';
import { TestHubServer } from './test-hub-server.js';

const clients = new TestHubClients();
const trusted = getCACertificates('default');
let server: TestHubServer;
beforeAll(async () => {
  const { cert, key } = await makeCertificate();
  setDefaultCACertificates([...trusted, cert]);
  server = await TestHubServer.start({ tls: { port: 0, cert, key } });
});
afterEach(async () => clients.stopAll());
afterAll(async () => {
  setDefaultCACertificates(trusted);
  await server.close();
});

describe('the test hub over TLS', () => {
  it.each(transports)('is called and sent back its HTTP cookies over %s', async (name, transport) => {
    const client = await clients.connect(`${server.httpsUrl}/testhub`, { transport });
    expect(await client.invoke('Echo', '你好')).toBe('你好');
    expect(await client.invoke('GetActiveTransportName')).toBe(name);
    expect(await client.invoke('GetCookie', 'testCookie')).toBe('testValue');
    expect(await client.invoke('GetCookie', 'expiredCookie')).toBeNull();
  });

  it('marks its HTTP cookies for other sites, which without TLS it does not', async () => {
    const cookiesOf = async (url: string): Promise<readonly string[]> =>
      (await fetch(`${url}/testhub/negotiate`, { method: 'POST' })).headers.getSetCookie();
    const [plain, secure] = [await cookiesOf(server.httpUrl), await cookiesOf(server.httpsUrl)];
    expect([plain.length, secure.length]).toEqual([3, 3]);
    expect(secure.every((cookie) => cookie.endsWith('Secure; SameSite=None'))).toBe(true);
    expect(plain.some((cookie) => cookie.includes('Secure'))).toBe(false);
  });

  it('is the same hub on both ports', async () => {
    const client = await clients.connect(`${server.httpsUrl}/testhub`);
    client.on('Result', () => 7);
    expect(await (await fetch(`${server.httpUrl}/clientresult/${client.connectionId}`)).text()).toBe('7');
  });

  it('does not start half when a port is taken', async () => {
    const { cert, key } = await makeCertificate();
    const port = Number(new URL(server.httpUrl).port);
    await expect(TestHubServer.start({ tls: { port, cert, key } })).rejects.toThrow('EADDRINUSE');
    await expect(TestHubServer.start({ tls: { port: 0, cert: 'none', key } })).rejects.toThrow();
  });
});
