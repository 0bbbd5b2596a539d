import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../test/eventually.js';
import { Setting } from '../test/setting.js';
import type { Presence } from './index.js';

const setting = new Setting();
afterEach(() => setting.close());

async function start() {
  const hub = await setting.hub();
  const seen: (readonly [members: readonly string[], change: Presence])[] = [];
  const onPresence = (members: readonly string[], change: Presence): void =>
    void seen.push([members, change]);
  const tell = (presence: unknown, eventguid = 'e'): void => hub.call('ReceivePresence', eventguid, presence);
  return { hub, seen, onPresence, tell, ...(await setting.connected(hub)) };
}

const snapshot = (...members: string[]): Presence => ({ kind: 'snapshot', members, total: members.length });
const join = (member: string): Presence => ({ kind: 'join', member });
const leave = (member: string): Presence => ({ kind: 'leave', member });

describe('onPresence', () => {
  it('is called with who is there and what has changed, from the first snapshot on', async () => {
    const { hub, client, keep, seen, onPresence, tell } = await start();
    await client.subscribe('e', 'c', keep, { onPresence });
    expect(hub.asked('subscribe')).toEqual([['e', 'c', { presence: true }]]);
    for (const change of [join('a'), snapshot('a', 'b'), join('c'), join('c'), leave('a')]) tell(change);
    tell(snapshot('d'));
    await eventually(() => seen.length === 5);
    expect(seen).toEqual([
      [['a', 'b'], snapshot('a', 'b')],
      [['a', 'b', 'c'], join('c')],
      [['a', 'b', 'c'], join('c')],
      [['b', 'c'], leave('a')],
      [['d'], snapshot('d')],
    ]);
  });

  it('hears of its own event only, and nothing once that is unsubscribed', async () => {
    const { client, keep, seen, onPresence, tell } = await start();
    await client.subscribe('e', 'c', keep, { onPresence });
    await client.subscribe('quiet', 'c', keep);
    tell(snapshot('a'), 'quiet');
    tell(snapshot('a'), 'of nobody');
    tell(snapshot('b'));
    await eventually(() => seen.length === 1);
    await client.unsubscribe('e');
    tell(join('c'));
    await client.trigger('another');
    expect(seen).toEqual([[['b'], snapshot('b')]]);
  });

  it('takes part again after a reconnect', async () => {
    const { hub, client, keep, onPresence } = await start();
    await client.subscribe('e', 'c', keep, { onPresence });
    hub.drop();
    await eventually(() => hub.asked('subscribe').length === 2);
    expect(hub.asked('subscribe')[1]).toEqual(['e', 'c', { after: 'e1:0', presence: true }]);
  });

  it('is replaced by subscribing again, but cannot be added then', async () => {
    const { client, keep, seen, onPresence, tell } = await start();
    await client.subscribe('e', 'c', keep, { onPresence: () => undefined });
    await client.subscribe('e', 'c', keep, { onPresence });
    tell(snapshot('a'));
    await eventually(() => seen.length === 1);
    await client.subscribe('without', 'c', keep);
    await expect(client.subscribe('without', 'c', keep, { onPresence })).rejects.toMatchObject({
      code: 'bad-request',
    });
    await expect(client.subscribe('e', 'c', keep, { onPresence: 'me' as never })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  it('tells onError what it throws and what cannot be read', async () => {
    const { client, keep, errors, tell } = await start();
    await client.subscribe('e', 'c', keep, {
      onPresence: () => {
        throw new Error('thrown');
      },
    });
    const unreadable = [{ kind: 'snapshot', members: [1], total: 1 }, { kind: 'gone', member: 'a' }, 'here'];
    for (const presence of unreadable) tell(presence);
    tell(snapshot('a'));
    await eventually(() => errors.length === 4);
    expect(errors.slice(0, 3).map(({ error }) => error)).toEqual(
      unreadable.map(() => expect.objectContaining({ code: 'internal' })),
    );
    expect(errors[3]).toEqual({ error: new Error('thrown'), context: { eventguid: 'e' } });
  });
});
