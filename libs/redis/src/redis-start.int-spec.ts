import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { RecordingLog } from '@ringback/memory';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, RedisProcess } from '../../../test/support/redis-process.js';
import { writeCertificate } from '../../../test/support/signalr-test-hub/certificate.js';
import { connectRedis } from './index.js';

jest.setTimeout(60_000);

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** What a start ends with. */
async function problemOf(url: string): Promise<string> {
  const log = new RecordingLog();
  try {
    const connections = await connectRedis({ url, log });
    closers.push(() => connections.close());
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('It started.');
}

async function start(directory: string, ...args: readonly string[]): Promise<RedisProcess> {
  const server = new RedisProcess(directory, await freePort(), args);
  closers.push(() => server.kill());
  await server.start();
  return server;
}

async function command(server: RedisProcess, ...words: readonly [string, ...string[]]): Promise<unknown> {
  const admin = new Redis(server.url);
  try {
    return await admin.call(...words);
  } finally {
    admin.disconnect();
  }
}

/** A server that answers each command like a Redis of that version. */
async function startOldRedis(version: string): Promise<string> {
  const info = `redis_version:${version}\r\nredis_mode:standalone\r\nrole:master\r\n`;
  const answer = (socket: Socket, text: string): void => {
    for (const [, name] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
      socket.write(
        /info/i.test(name ?? '') ? `$${info.length}\r\n${info}\r\n` : '-ERR unknown command `HELLO`\r\n',
      );
  };
  const server = createServer((socket) => socket.on('data', (chunk) => answer(socket, chunk.toString())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => server.close());
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a start on a Redis that is not there or not fit says in one sentence what Redis said', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'redis-start-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('where nobody listens', async () => {
    const port = await freePort();
    expect(await problemOf(`redis://:s3cret@127.0.0.1:${port}`)).toBe(
      `Redis does not answer at 127.0.0.1:${port} (ECONNREFUSED); start it, or correct the address.`,
    );
    expect(await problemOf(`redis://127.0.0.1:${port},redis://127.0.0.1:${port}`)).toBe(
      `Redis does not answer at 127.0.0.1:${port}, 127.0.0.1:${port} (ECONNREFUSED); start it, or correct the address.`,
    );
  });

  it('where somebody listens and says nothing', async () => {
    const server = createServer(() => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(async () => server.close());
    const { port } = server.address() as AddressInfo;
    expect(await problemOf(`redis://127.0.0.1:${port}`)).toBe(
      `Redis does not answer at 127.0.0.1:${port} (Command timed out); start it, or correct the address.`,
    );
  });

  it.each(['redis://no-such-host.invalid', 'redis://no-such-host.invalid,redis://no-such-host.invalid'])(
    'where a name is unknown: %s',
    async (url) => {
      expect(await problemOf(url)).toMatch(
        /^The name no-such-host\.invalid of Redis cannot be resolved \((ENOTFOUND|EAI_AGAIN)\); correct it\.$/,
      );
    },
  );

  it('where the password is missing, wrong, or not percent-encoded', async () => {
    const server = await start(directory);
    await command(server, 'CONFIG', 'SET', 'requirepass', 'p%4#');
    const { port } = server;
    const at = `Redis at 127.0.0.1:${port}`;
    expect(await problemOf(`redis://127.0.0.1:${port}`)).toBe(
      `${at} asks for a password (NOAUTH), and the URL has none; put it there, percent-encoded.`,
    );
    const refused = `${at} refuses the user or password (WRONGPASS invalid username-password pair or user is disabled); correct them in the URL, with characters like @ : / # ? % percent-encoded.`;
    expect(await problemOf(`redis://:wrong@127.0.0.1:${port}`)).toBe(refused);
    expect(await problemOf(`redis://:wrong@127.0.0.1:${port},redis://127.0.0.1:${port}`)).toContain(
      'WRONGPASS',
    );
    const message = await problemOf(`redis://:p%4#@127.0.0.1:${port}`);
    expect(message).toContain('characters like @ : / # ? % of a password have to be percent-encoded.');
    expect(message).not.toContain('p%4');
  });

  it('where it is full', async () => {
    const server = await start(directory, '--maxmemory', '1', '--maxmemory-policy', 'noeviction');
    expect(await problemOf(server.url)).toBe(
      `Redis at 127.0.0.1:${server.port} is full (OOM command not allowed when used memory > 'maxmemory'); give it more memory, or remove what is not needed.`,
    );
  });

  it('where it is a replica', async () => {
    const master = await start(directory);
    const replica = await start(join(directory, 'replica'), '--replicaof', `127.0.0.1 ${master.port}`);
    expect(await problemOf(replica.url)).toBe(
      `Redis at 127.0.0.1:${replica.port} is a replica of 127.0.0.1:${master.port} (READONLY): name its master, or the sentinels that know it.`,
    );
  });

  it('where it cannot persist', async () => {
    const server = await start(
      directory,
      '--appendonly',
      'no',
      '--save',
      '3600 1',
      '--dbfilename',
      'there.rdb',
    );
    await command(server, 'SET', 'a', '1');
    await command(server, 'CONFIG', 'SET', 'rdbcompression', 'no');
    await rm(directory, { recursive: true });
    await command(server, 'BGSAVE');
    const failed = async (): Promise<boolean> =>
      String(await command(server, 'INFO', 'persistence')).includes('rdb_last_bgsave_status:err');
    while (!(await failed()));
    directory = await mkdtemp(join(tmpdir(), 'redis-start-'));
    expect(await problemOf(server.url)).toMatch(
      /^Redis at 127\.0\.0\.1:\d+ refuses what is needed \(MISCONF Redis is configured to save RDB snapshots, [^\n.]+\)\.$/,
    );
  });

  it('where its replicas are missing', async () => {
    const server = await start(directory, '--min-replicas-to-write', '1');
    expect(await problemOf(server.url)).toBe(
      `Redis at 127.0.0.1:${server.port} refuses what is needed (NOREPLICAS Not enough good replicas to write).`,
    );
  });

  it.each(['6.2.14', '5.0.0'])('where it is of version %s', async (version) => {
    expect(await problemOf(await startOldRedis(version))).toBe(
      `Redis ${version} is too old: the hub needs 7.0.`,
    );
  });

  it('where a cluster is no cluster, and a server is one of a cluster', async () => {
    const single = await start(directory);
    expect(await problemOf(`${single.url},${single.url}`)).toContain(
      'is no Redis Cluster (ERR This instance has cluster support disabled); name one server, without a comma.',
    );
    const cluster = await start(join(directory, 'cluster'), '--cluster-enabled', 'yes');
    expect(await problemOf(cluster.url)).toBe(
      'The Redis URL names one server, and that is of a Redis Cluster: name several of its servers, separated by commas, or this one twice.',
    );
    expect(await problemOf(`${cluster.url},${cluster.url}`)).toBe(
      `The Redis Cluster at 127.0.0.1:${cluster.port}, 127.0.0.1:${cluster.port} is not whole (CLUSTERDOWN); see that its cluster_state becomes ok.`,
    );
  });

  it('where TLS meets plain text, plain text TLS, and nobody knows the certificate', async () => {
    const plain = await start(directory);
    expect(await problemOf(plain.url.replace('redis:', 'rediss:'))).toMatch(
      /^Redis does not answer over TLS at 127\.0\.0\.1:\d+ \(\w+\); where it speaks plain text, the URL has to begin with redis:\/\/\.$/,
    );
    const { certFile, keyFile } = await writeCertificate(directory);
    const port = await freePort();
    const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-auth-clients', 'no'];
    await start(join(directory, 'tls'), '--tls-port', String(port), ...files);
    expect(await problemOf(`redis://127.0.0.1:${port}`)).toMatch(
      /^Redis at 127\.0\.0\.1:\d+ hangs up \([\w ]+\); where it speaks TLS, the URL has to begin with rediss:\/\/\.$/,
    );
    const url = `rediss://127.0.0.1:${port}`;
    // Some of these end with a second error of the socket, which nobody may be without.
    for (const text of [...Array<string>(20).fill(url), `${url},${url}`])
      expect(await problemOf(text)).toMatch(
        /^The certificate of Redis at [^ ]+( [^ ]+)? is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\); name the file of its CA in NODE_EXTRA_CA_CERTS, and the host as the certificate does\.$/,
      );
  });
});
