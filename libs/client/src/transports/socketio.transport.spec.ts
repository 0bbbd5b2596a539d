import { afterEach, describe, expect, it } from '@jest/globals';
import { Setting } from '../../test/setting.js';

describe('the Socket.IO transport', () => {
  const setting = new Setting();
  afterEach(() => setting.close());

  it.each([
    ['', '/socket.io'],
    ['/', '/socket.io'],
    ['/apps/ring', '/apps/ring/socket.io'],
    ['/apps/ring/', '/apps/ring/socket.io'],
    ['/apps/ring?x=1', '/apps/ring/socket.io'],
  ])('of a hub at %j connects at %s', async (below, path) => {
    const hub = await setting.hub(0, { path });
    const { statuses } = await setting.connected(hub, { url: hub.url + below });
    expect(statuses.at(-1)).toMatchObject({ state: 'connected' });
  });

  it('takes a path that is named as it is', async () => {
    const hub = await setting.hub(0, { path: '/live' });
    const { statuses } = await setting.connected(hub, { url: `${hub.url}/apps/ring`, path: '/live' });
    expect(statuses.at(-1)).toMatchObject({ state: 'connected' });
  });
});
