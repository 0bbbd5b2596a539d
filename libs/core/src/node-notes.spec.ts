import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import { TestHub } from './testing/test-hub.js';

async function start(cluster: MemoryCluster, ports = {}): Promise<TestHub> {
  const node = new TestHub(cluster, { ports });
  await node.hub.start();
  return node;
}

describe('notes between nodes', () => {
  it('reach those who listen to their subject, on every node, the teller included', async () => {
    const cluster = new MemoryCluster();
    const nodes = [await start(cluster), await start(cluster), await start(cluster)];
    const heard: string[] = [];
    for (const { hub } of nodes) {
      hub.notes.listen('mine', (from, body) => heard.push(`${hub.nodeId} ${from} ${body}`));
      hub.notes.listen('other', () => heard.push('other'));
    }
    const [teller, second] = nodes.map(({ hub }) => hub);
    teller?.notes.tellAll('mine', 'a');
    await waitFor(() => heard.length === 3, 'all');
    expect(heard.toSorted()).toEqual(nodes.map(({ hub }) => `${hub.nodeId} ${teller?.nodeId} a`).toSorted());
    heard.length = 0;
    teller?.notes.tell(second?.nodeId ?? '', 'mine', 'b');
    await waitFor(() => heard.length === 1, 'the one');
    expect(heard).toEqual([`${second?.nodeId} ${teller?.nodeId} b`]);
    for (const { hub } of nodes) await hub.drain();
  });

  it('that nobody can be told are logged, and throw nothing', async () => {
    const cluster = new MemoryCluster();
    const { peers } = cluster.node();
    const away = () => Promise.reject(new HubError('relay-unavailable'));
    const node = await start(cluster, {
      peers: { hear: peers.hear.bind(peers), tell: away },
    });
    node.hub.notes.tell('elsewhere', 'mine', 'a');
    await waitFor(
      () => node.log.at('warn').some(({ message }) => message === 'peer message failed'),
      'the line',
    );
    expect(node.log.at('warn')[0]?.fields).toMatchObject({ subject: 'mine' });
    expect(JSON.stringify(node.log.at('warn')[0]?.fields)).not.toContain('"a"');
    await node.hub.drain();
  });
});
