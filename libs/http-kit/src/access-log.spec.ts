import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError } from '@ringback/contract';
import { RecordingLog } from '@ringback/memory';
import { ACCESS_LINES, AccessLog } from './access-log.js';
import { TrustedProxies } from './trusted-proxies.js';

const identity = { name: 'shop' };
const client = { gateway: 'socketio', connectionId: 'c', identity };
const source = {
  transport: 'websocket',
  request: {
    headers: { 'x-forwarded-for': '192.0.2.7', authorization: 'Bearer secret', cookie: 'secret' },
    socket: { remoteAddress: '10.0.0.1' },
  },
};

describe('AccessLog', () => {
  let log: RecordingLog;
  const access = (ratio?: number, random = () => 0.5): AccessLog =>
    new AccessLog({ log, proxies: new TrustedProxies(['private']), ratio, random });

  beforeEach(() => {
    log = new RecordingLog();
  });

  it('says who came from where, when it goes why and how long it was there, and no secrets', () => {
    access(1).connected(client, source)?.('draining');
    const fields = {
      gateway: 'socketio',
      connectionId: 'c',
      identity: 'shop',
      transport: 'websocket',
      address: '192.0.2.7',
    };
    expect(log.lines).toEqual([
      { level: 'info', message: 'client connected', fields },
      {
        level: 'info',
        message: 'client disconnected',
        fields: { ...fields, reason: 'draining', durationMs: expect.any(Number) },
      },
    ]);
  });

  it('says so of the share of the clients that is set', () => {
    const draws = [0.009, 0.01, 0.5, 0];
    const sampled = access(0.01, () => draws.shift() ?? 1);
    for (let count = 0; count < 4; count++) sampled.connected(client, source)?.('client');
    expect(log.lines).toHaveLength(4); // two of them, who came and went
  });

  it.each([[0], [undefined]])('says of nobody who comes that he does with a share of %s', (ratio) => {
    expect(access(ratio, () => 0).connected(client, source)).toBeUndefined();
    expect(log.lines).toEqual([]);
  });

  it('says who was refused, with which code', () => {
    access(0).refused('signalr', { request: source.request }, new HubError('unauthorized'));
    access(0).refused('signalr', source, new HubError('too-many-connections'), identity);
    expect(log.lines).toMatchObject([
      {
        message: 'client refused',
        fields: { gateway: 'signalr', code: 'unauthorized', address: '192.0.2.7' },
      },
      { fields: { code: 'too-many-connections', identity: 'shop', transport: 'websocket' } },
    ]);
    expect(log.lines[0]?.fields).not.toHaveProperty('transport');
  });

  it('says nothing of the refused where no share is set', () => {
    access().refused('signalr', source, new HubError('unauthorized'));
    expect(log.lines).toEqual([]);
  });

  it('always says what operators do, and how it failed', async () => {
    const act = { identity, request: source.request, connectionId: 'c' };
    expect(await access().operate('close-connection', act, () => Promise.resolve('done'))).toBe('done');
    const failing = access().operate('close-connection', act, () =>
      Promise.reject(new HubError('not-found')),
    );
    await expect(failing).rejects.toMatchObject({ code: 'not-found' });
    const fields = { act: 'close-connection', connectionId: 'c', identity: 'shop', address: '192.0.2.7' };
    expect(log.lines).toEqual([
      { level: 'info', message: 'operator acted', fields },
      { level: 'info', message: 'operator acted', fields: { ...fields, code: 'not-found' } },
    ]);
  });

  it('leaves it to the log to bound the lines of the refused, and only those', () => {
    access(1).connected(client, source)?.('client');
    expect(log.lines.map(({ message }) => message).filter((line) => !ACCESS_LINES.includes(line))).toEqual(
      [],
    );
    expect(ACCESS_LINES).not.toContain('client refused');
  });
});
