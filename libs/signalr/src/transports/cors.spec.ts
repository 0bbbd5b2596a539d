import { afterEach, describe, expect, it } from '@jest/globals';
import { AccessDenied } from './index.js';
import { Bench } from './testing/bench.js';

let bench: Bench;
afterEach(async () => bench.stop());

const page = 'https://page.example';
const preflight = {
  origin: page,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'x-requested-with,x-own',
};
const denyAll = async (): Promise<unknown> => {
  throw new AccessDenied(401);
};
const granted = {
  'access-control-allow-origin': page,
  'access-control-allow-credentials': 'true',
  vary: 'Origin',
};

describe('CORS', () => {
  it.each(['/hub', '/hub/negotiate'])(
    'answers a preflight of %s before anybody asks who it is',
    async (path) => {
      bench = await Bench.start({ allowedOrigins: [page], authenticate: denyAll });
      const { status, headers } = await bench.ask('OPTIONS', path, preflight);
      expect(status).toBe(204);
      expect(headers).toMatchObject({
        ...granted,
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': 'x-requested-with,x-own',
      });
    },
  );

  it.each([
    ['POST', '/hub/negotiate', 200],
    ['GET', '/hub/negotiate', 405],
    ['GET', '/hub', 400],
    ['POST', '/hub?id=x', 404],
    ['DELETE', '/hub?id=x', 404],
  ])('puts its headers on the answer to %s %s, which is %i', async (method, path, expected) => {
    bench = await Bench.start({ allowedOrigins: [page] });
    const { status, headers } = await bench.ask(method, path, { origin: page });
    expect(status).toBe(expected);
    expect(headers).toMatchObject(granted);
  });

  it('puts them on 401 as well, for upgrades too', async () => {
    bench = await Bench.start({ allowedOrigins: '*', authenticate: denyAll });
    const answers = [
      await bench.ask('POST', '/hub/negotiate', { origin: page }),
      await bench.refused('/hub', { origin: page }),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBe(401);
      expect(headers).toMatchObject(granted);
    }
  });

  it('says nothing to a page of another origin', async () => {
    bench = await Bench.start({ allowedOrigins: ['https://other.example'] });
    for (const method of ['OPTIONS', 'POST']) {
      const { headers } = await bench.ask(method, '/hub/negotiate', preflight);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.vary).toBe('Origin');
    }
  });

  it.each([
    ['of its own', 'http://HUB.example', [], 404],
    ['of its own, with the port that it has anyway', 'https://hub.example:443', [], 404],
    ['of its host at another port', 'https://hub.example:8443', [], 403],
    ['that is allowed', page, [page], 404],
    ['of any kind when all are', page, '*', 404],
    ['that is not allowed', page, ['https://other.example'], 403],
    ['that only begins like its own', 'http://hub.example.evil', [], 403],
    ['of a sandboxed page', 'null', [], 403],
  ] as const)('treats an upgrade from an origin %s', async (_title, origin, allowedOrigins, status) => {
    bench = await Bench.start({ allowedOrigins });
    // 404: it got as far as the unknown id
    expect((await bench.refused('/hub?id=x', { origin, host: 'hub.example' })).status).toBe(status);
  });

  it('is left to whoever routes the requests, if it is told so', async () => {
    bench = await Bench.start({ allowedOrigins: 'unchecked' });
    const headers = { origin: page, host: 'hub.example' };
    const answers = [
      await bench.ask('POST', '/hub/negotiate', headers),
      await bench.refused('/hub?id=x', headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404]);
    for (const answer of answers) {
      const names = Object.keys(answer.headers);
      expect(names.filter((name) => name === 'vary' || name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('lets in programs, which send no origin', async () => {
    bench = await Bench.start();
    await bench.open('/hub');
    expect(bench.seen).toHaveLength(1);
  });
});
