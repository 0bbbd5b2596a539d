import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import { FakeClock, RecordingLog } from '@ringback/memory';
import { IssuerKeys, MAX_AGE_MS, MAX_WAITING, MIN_REFRESH_MS, OVERLAP_MS } from './issuer-keys.js';
import { KeySetServer } from './testing/key-set-server.js';
import { SigningKey } from './testing/signing-key.js';

const first = SigningKey.pair('ES256').jwk({ kid: 'first' });
const second = SigningKey.pair('ES256').jwk({ kid: 'second' });

describe('IssuerKeys', () => {
  let server: KeySetServer;
  let clock: FakeClock;
  let log: RecordingLog;
  let keys: IssuerKeys;

  beforeEach(async () => {
    server = await KeySetServer.start();
    [clock, log] = [new FakeClock(), new RecordingLog()];
    keys = keysWithin(60_000);
  });

  afterEach(() => server.close());

  function keysWithin(timeoutMs: number): IssuerKeys {
    return new IssuerKeys(server.url, { clock, log, limits: { timeoutMs, maxBytes: 256 * 1_024 } });
  }

  /** How many keys there are under the name, or the code of the refusal. */
  function find(keyId: string): Promise<unknown> {
    return keys.find({ algorithm: 'ES256', keyId }).then(
      ({ length }) => length,
      (error: unknown) => HubError.from(error).code,
    );
  }

  /** A moment at which the issuer may be asked again, and is. */
  async function refresh(): Promise<void> {
    const before = server.requests;
    clock.advance(MAX_AGE_MS);
    await waitFor(async () => {
      await find('first');
      return server.requests > before;
    }, 'a request');
  }

  /** The set of the issuer has come here that has this key. */
  async function known(keyId: string): Promise<void> {
    await waitFor(async () => (await find(keyId)) === 1, keyId);
  }

  const messages = () => log.lines.map(({ level, message }) => `${level}: ${message}`);

  it('fetches the keys once, when it starts', async () => {
    server.publish(first, second);
    keys.start();
    keys.start();
    expect(await Promise.all(['first', 'second', 'first'].map(find))).toEqual([1, 1, 1]);
    expect([server.requests, log.lines]).toEqual([1, []]);
  });

  it('asks for an unknown key once in half a minute, however many tokens name one', async () => {
    server.publish(first);
    await find('first');
    clock.advance(MIN_REFRESH_MS);
    const flood = await Promise.all(Array.from({ length: 500 }, (_, count) => find(`unknown ${count}`)));
    expect(new Set(flood)).toEqual(new Set([0]));
    expect(server.requests).toBe(2);
    clock.advance(MIN_REFRESH_MS - 1);
    for (let count = 0; count < 500; count++)
      expect(await find(`unknown ${count}`)).toBe('issuer-unavailable');
    expect(await find('first')).toBe(1);
    expect(server.requests).toBe(2);
    clock.advance(1);
    expect(await find('unknown')).toBe(0);
    expect(server.requests).toBe(3);
  });

  it('lets a thousand tokens wait for an answer, and no more', async () => {
    let answer = () => {};
    server.answer = (_request, response) => {
      answer = () => void response.end(JSON.stringify({ keys: [first] }));
    };
    const waiting = Array.from({ length: MAX_WAITING }, () => find('first'));
    expect(await find('first')).toBe('issuer-unavailable');
    await waitFor(() => server.requests === 1, 'the request');
    answer();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([1]));
    expect(await find('first')).toBe(1);
  });

  it.each(['none', 'HS256', 'RSA1_5', 'dir', '__proto__'])(
    'asks nobody for a key of the algorithm %s',
    async (algorithm) => {
      server.publish(first);
      expect(await keys.find({ algorithm, keyId: 'first' })).toEqual([]);
      expect(server.requests).toBe(0);
    },
  );

  it('finds a new key at once, and the old one for ten minutes more', async () => {
    server.publish(first);
    await find('first');
    server.publish(second);
    clock.advance(MIN_REFRESH_MS);
    expect([await find('second'), await find('first')]).toEqual([1, 1]);
    clock.advance(OVERLAP_MS - 1);
    expect(await find('first')).toBe(1);
    clock.advance(1);
    expect(await find('first')).toBe(0);
    expect(await find('second')).toBe(1);
  });

  it('counts the overlap from when a key was first missing, and forgets that when it is back', async () => {
    server.publish(first);
    await find('first');
    server.publish(second);
    await refresh();
    await known('second');
    server.publish(first, second);
    await refresh();
    await waitFor(() => server.requests === 3, 'the third set');
    clock.advance(OVERLAP_MS);
    await known('first');
  });

  it('keeps both keys of one name while they overlap', async () => {
    server.publish(first);
    await find('first');
    server.publish(SigningKey.pair('ES256').jwk({ kid: 'first' }));
    await refresh();
    await waitFor(async () => (await find('first')) === 2, 'both');
    clock.advance(OVERLAP_MS);
    expect(await find('first')).toBe(1);
  });

  it('fetches keys again as they are used, so that announced ones are known beforehand', async () => {
    server.publish(first);
    await find('first');
    server.publish(first, second);
    clock.advance(MAX_AGE_MS);
    expect(await find('first')).toBe(1);
    await waitFor(() => server.requests === 2, 'the second request');
    await known('second');
    expect(server.requests).toBe(2);
  });

  it('goes on with the keys that it knows while the issuer is away, and says so once', async () => {
    server.publish(first);
    await find('first');
    server.fail();
    for (let count = 0; count < 3; count++) await refresh();
    await waitFor(() => log.lines.length > 0, 'the line');
    expect(await find('first')).toBe(1);
    clock.advance(24 * OVERLAP_MS);
    expect([await find('first'), await find('second')]).toEqual([1, 'issuer-unavailable']);
    server.publish(second);
    clock.advance(MIN_REFRESH_MS);
    await known('second');
    expect(messages()).toEqual([
      'warn: token issuer unavailable, known keys stay',
      'info: token issuer is back',
    ]);
  });

  it('takes no token before it knows a key, and asks again by itself for the next', async () => {
    server.fail();
    keys.start();
    expect(await find('first')).toBe('issuer-unavailable');
    expect(await find('first')).toBe('issuer-unavailable');
    expect(server.requests).toBe(1);
    server.publish(first);
    clock.advance(MIN_REFRESH_MS);
    expect(await find('first')).toBe(1);
  });

  const body = JSON.stringify({ keys: [first] });

  it.each([
    ['a redirect', 302, { location: '/elsewhere' }, body],
    ['an error', 500, {}, body],
    ['no content', 204, {}, ''],
    ['no JSON', 200, {}, '<html>'],
    ['nothing', 200, {}, ''],
    ['JSON that is no object', 200, {}, 'null'],
    ['an object without keys', 200, {}, '{}'],
    ['too many keys', 200, {}, JSON.stringify({ keys: Array.from({ length: 65 }, () => first) })],
    ['more than 256 KiB', 200, {}, body.padEnd(256 * 1_024 + 1)],
  ])('takes %s for no answer', async (_name, status, headers, text) => {
    server.answer = (_request, response) => void response.writeHead(status, headers).end(text);
    expect(await find('first')).toBe('issuer-unavailable');
    expect([server.requests, messages()]).toEqual([1, ['warn: token issuer unavailable, known keys stay']]);
  });

  it('takes 256 KiB', async () => {
    server.answer = (_request, response) => void response.end(body.padEnd(256 * 1_024));
    expect(await find('first')).toBe(1);
  });

  it('reads no answer to its end that never ends', async () => {
    let written = 0;
    server.answer = (_request, response) => {
      const write = (): void => {
        if (response.destroyed) return;
        written += 65_536;
        response.write(' '.repeat(65_536), () => setImmediate(write));
      };
      write();
    };
    expect(await find('first')).toBe('issuer-unavailable');
    expect(written).toBeLessThan(64 * 2 ** 20);
  });

  it.each([
    ['does not come', 0],
    ['comes byte by byte', 1],
  ])('waits for no answer that %s', async (_name, bytes) => {
    keys = keysWithin(50);
    server.answer = (_request, response) => {
      if (bytes > 0) response.write(' '.repeat(bytes));
    };
    expect(await find('first')).toBe('issuer-unavailable');
    expect(log.lines[0]?.fields['error']).toMatchObject({ name: 'TimeoutError' });
  });

  it('says so where no key can be used', async () => {
    server.publish({ kty: 'oct', k: 'c2VjcmV0' });
    expect(await find('first')).toBe(0);
    expect(messages()).toEqual(['warn: token issuer publishes no usable key']);
  });
});
