import { describe, expect, it } from '@jest/globals';
import type { HubContext, HubDefinition } from './index.js';
import { gate, settle, testServer, until } from './testing/test-server.js';

const echo = (_: HubContext, value: string) => value;
const call = (target: string, invocationId: string, ...args: unknown[]) => ({
  type: 1,
  target,
  invocationId,
  arguments: args,
});
const methods: HubDefinition['methods'] = {
  Echo: { args: 1, call: echo },
  Abort: { call: (context: HubContext) => context.abort() },
};

describe('the handshake', () => {
  const refusals = [
    ['an unknown protocol', { protocol: 'xml', version: 1 }, "The protocol 'xml' is not supported."],
    [
      'a version too high',
      { protocol: 'json', version: 3 },
      "The server does not support version 3 of the 'json' protocol.",
    ],
    ['a missing version', { protocol: 'json' }, 'An unexpected error occurred during connection handshake.'],
  ] as const;

  it.each(refusals)('refuses %s and ends the transport without Close', (_, request, error) => {
    const client = testServer({ methods }).connect();
    client.says(request);
    expect(client.received).toEqual([{ error }]);
    expect(client.ended).toEqual(['close']);
  });

  it('refuses a binary protocol where only text goes', () => {
    const client = testServer({ methods }).connect({ transferFormats: ['Text'] });
    client.says({ protocol: 'messagepack', version: 1 });
    expect(client.received).toEqual([
      {
        error:
          "Cannot use the 'messagepack' protocol on the current transport. The transport does not support 'Binary' transfer format.",
      },
    ]);
  });

  it('gives up after 15 seconds, and when too much comes without an end', () => {
    const { timers, connect } = testServer({ methods });
    const [silent, endless] = [connect(), connect()];
    endless.saysText('x'.repeat(40_000));
    expect(endless.ended).toEqual(['close']);
    timers.pass(14_999);
    expect(silent.ended).toEqual([]);
    timers.pass(1);
    const refused = [{ error: 'Handshake was canceled.' }];
    expect([silent.received, endless.received]).toEqual([refused, refused]);
  });

  it('answers before the connect hook, and reads on only after it', async () => {
    const { open, opened } = gate();
    const client = testServer({ methods, onConnected: () => opened }).connect();
    client.says({ protocol: 'json', version: 1 }, call('Echo', '0', 'a'));
    await settle();
    expect(client.received).toEqual([{}]);
    open();
    await until(() => client.ofType(3).length > 0);
  });
});
