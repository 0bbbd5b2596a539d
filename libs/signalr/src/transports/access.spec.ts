import { afterEach, describe, expect, it } from '@jest/globals';
import { AccessDenied, type RequestFacts } from './index.js';
import { Bench, until } from './testing/bench.js';

let bench: Bench;
let asked: RequestFacts[];
afterEach(async () => bench.stop());

async function guarded(): Promise<void> {
  asked = [];
  const authenticate = async (facts: RequestFacts): Promise<unknown> => {
    asked.push(facts);
    if (facts.bearerToken !== 'good') throw new AccessDenied(facts.bearerToken ? 403 : 401);
    return { name: 'ada' };
  };
  bench = await Bench.start({ authenticate });
}

const good = { authorization: 'Bearer good' };

async function token(): Promise<string> {
  const { body } = await bench.ask('POST', '/hub/negotiate?negotiateVersion=1', good);
  return (JSON.parse(body) as { readonly connectionToken: string }).connectionToken;
}

describe('access', () => {
  it.each([
    [{ authorization: 'Bearer good' }, '', 200],
    [{ authorization: 'bearer good' }, '', 200],
    [{}, '?access_token=good', 200],
    [{}, '?Access_Token=good', 200],
    [{ authorization: 'Bearer good' }, '?access_token=bad', 200],
    [{ authorization: 'Bearer bad' }, '?access_token=good', 403],
    [{ authorization: 'Basic good' }, '', 401],
    [{}, '?access_token=', 401],
    [{}, '', 401],
  ])('reads the token from %j %j: %i', async (headers, query, status) => {
    await guarded();
    const answered = await bench.ask('POST', `/hub/negotiate${query}`, headers);
    expect(answered.status).toBe(status);
  });

  it('asks on every request, whatever has been proved before', async () => {
    await guarded();
    const id = await token();
    expect((await bench.ask('GET', `/hub?id=${id}`, good)).status).toBe(200);
    expect((await bench.ask('POST', `/hub?id=${id}`, {}, 'x')).status).toBe(401);
    expect((await bench.ask('DELETE', `/hub?id=${id}`)).status).toBe(401);
    expect((await bench.ask('GET', `/hub?id=${id}&access_token=bad`)).status).toBe(403);
    expect((await bench.ask('POST', `/hub?id=${id}`, good, 'x')).status).toBe(200);
    expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'DELETE', 'GET', 'POST']);
  });

  it.each([
    ['the header', '', good],
    ['the query', '&access_token=good', {}],
  ])('lets a WebSocket in by %s, and shows its user', async (_title, query, headers) => {
    await guarded();
    const socket = bench.socket(`/hub?id=${await token()}${query}`, { headers });
    await until(() => socket.readyState === socket.OPEN);
    expect(bench.last.connection.user).toEqual({ name: 'ada' });
  });

  it('tells the policy and the hub what the request was', async () => {
    await guarded();
    const id = await token();
    await bench.ask('GET', `/hub?id=${id}&tenant=7`, { ...good, cookie: 'a=b', 'x-own': 'c' });
    expect(asked.at(-1)).toMatchObject({ method: 'GET', path: '/hub', remoteAddress: expect.any(String) });
    const { opening } = bench.last.connection;
    expect([opening.headers['cookie'], opening.headers['x-own']]).toEqual(['a=b', 'c']);
    expect(opening.query.get('tenant')).toBe('7');
  });

  it('answers 500 when the policy itself fails, and reports that', async () => {
    bench = await Bench.start({
      authenticate: async () => {
        throw new Error('database is away');
      },
    });
    const answered = await bench.ask('POST', '/hub/negotiate');
    expect([answered.status, answered.body]).toEqual([500, '']);
    expect((await bench.refused('/hub')).status).toBe(500);
    expect(bench.faults.map(({ message }) => message)).toEqual(['database is away', 'database is away']);
  });
});
