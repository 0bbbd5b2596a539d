// Starts the test hub for the vendor's client suite: HTTP_PORT=5000 npm run signalr:testhub
import { readFile } from 'node:fs/promises';
import { TestHubServer, type TlsOptions } from './test-hub-server.js';

const environment = process.env;

const portOf = (name: string): number => {
  const port = Number(environment[name] || 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${name} is not a port`);
  return port;
};

const tlsOptions = async (): Promise<TlsOptions | undefined> => {
  const { HTTPS_PORT, TLS_CERT_FILE, TLS_KEY_FILE } = environment;
  if (!TLS_CERT_FILE && !TLS_KEY_FILE) {
    if (HTTPS_PORT) console.error('no HTTPS: it needs a certificate, in TLS_CERT_FILE and TLS_KEY_FILE');
    return undefined;
  }
  if (!TLS_CERT_FILE || !TLS_KEY_FILE) throw new Error('HTTPS needs both TLS_CERT_FILE and TLS_KEY_FILE');
  const [cert, key] = await Promise.all([readFile(TLS_CERT_FILE, 'utf8'), readFile(TLS_KEY_FILE, 'utf8')]);
  return { port: portOf('HTTPS_PORT'), cert, key };
};

const start = async (): Promise<TestHubServer> => {
  const tls = await tlsOptions();
  const host = environment['HOST'];
  return TestHubServer.start({ httpPort: portOf('HTTP_PORT'), ...(host && { host }), ...(tls && { tls }) });
};

const end = (server: TestHubServer): void => {
  server.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
};

try {
  const server = await start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(server));
  for (const url of [server.httpUrl, server.httpsUrl].filter(Boolean)) console.log(`listening on ${url}`);
  console.log(`SERVER_URL="${server.httpsUrl};${server.httpUrl}"`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
