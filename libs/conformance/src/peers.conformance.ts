import { describe, expect, it } from '@jest/globals';
import type { PeerMessage } from '@ringback/core';
import { ClusterOfTwo } from './cluster-of-two.js';
import type { NodePorts, PortClusterFactory } from './port-cluster.js';
import { sampleLeaseId } from './port-samples.js';
import { waitFor } from './wait-for.js';

/** What every adapter of the port `Peers` has to do. */
export function describePeers(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as peers`, () => {
    const nodes = new ClusterOfTwo(cluster);
    describe('telling', () => describeTelling(nodes));
  });
}

function describeTelling(nodes: ClusterOfTwo): void {
  const listen = async (node: NodePorts) => {
    const { nodeId } = sampleLeaseId();
    const heard: PeerMessage[] = [];
    await node.peers.hear(nodeId, (message) => heard.push(message));
    return { nodeId, heard };
  };

  it('carries every kind of message, and everything that it says', async () => {
    const { nodeId, heard } = await listen(nodes.there);
    const messages: readonly PeerMessage[] = [
      replaced('c-1_~.%{ü🔔}'),
      { kind: 'receipt', receiptId: 'id', delivered: 2 ** 40, queued: 2, dropped: 0 },
      { kind: 'note', subject: 'a/b', from: 'n-1', body: '{"ü":"🔔\\n"}' },
    ];
    for (const message of messages) await nodes.here.peers.tell(nodeId, message);
    await waitFor(() => heard.length === messages.length, 'all messages');
    expect(heard).toEqual(messages);
  });

  it('tells the one node that is named, and no other', async () => {
    const [here, there] = [await listen(nodes.here), await listen(nodes.there)];
    await nodes.here.peers.tell(there.nodeId, replaced('there'));
    await nodes.there.peers.tell(here.nodeId, replaced('here'));
    await waitFor(() => here.heard.length > 0 && there.heard.length > 0, 'both messages');
    expect(here.heard).toEqual([replaced('here')]);
    expect(there.heard).toEqual([replaced('there')]);
  });

  it('tells a node what it says to itself', async () => {
    const { nodeId, heard } = await listen(nodes.here);
    await nodes.here.peers.tell(nodeId, replaced('self'));
    await waitFor(() => heard.length > 0, 'the message');
    expect(heard).toEqual([replaced('self')]);
  });

  it('keeps the order of what one node tells another', async () => {
    const { nodeId, heard } = await listen(nodes.there);
    const messages = Array.from({ length: 100 }, (_, index) => replaced(`c-${index}`));
    await Promise.all(messages.map((message) => nodes.here.peers.tell(nodeId, message)));
    await waitFor(() => heard.length === messages.length, 'all messages');
    expect(heard).toEqual(messages);
  });

  it('never calls the listener inside of tell', async () => {
    const { nodeId, heard } = await listen(nodes.here);
    const telling = nodes.here.peers.tell(nodeId, replaced('later'));
    expect(heard).toEqual([]);
    await telling;
    await waitFor(() => heard.length > 0, 'the message');
  });

  it('takes a message that nobody hears', async () => {
    await nodes.here.peers.tell('nobody', replaced('lost'));
    const { nodeId, heard } = await listen(nodes.there);
    await nodes.here.peers.tell(nodeId, replaced('heard'));
    await waitFor(() => heard.length > 0, 'the message');
    expect(heard).toEqual([replaced('heard')]);
  });

  it('tells nodes of strange names apart', async () => {
    const heard: string[] = [];
    for (const [index, node] of [nodes.here, nodes.there].entries()) {
      await node.peers.hear(`node {${index}} %7B ü`, () => heard.push(`node ${index}`));
    }
    await nodes.here.peers.tell('node {1} %7B ü', replaced('c'));
    await nodes.here.peers.tell('node {0} %7B ü', replaced('c'));
    await waitFor(() => heard.length === 2, 'both messages');
    expect(heard.sort()).toEqual(['node 0', 'node 1']);
  });

  it('goes on after a restart that has kept nothing', async () => {
    const { nodeId, heard } = await listen(nodes.there);
    await nodes.shared.restart({ keep: false });
    await waitFor(async () => {
      await nodes.here.peers.tell(nodeId, replaced('again')).catch(() => undefined);
      return heard.length > 0;
    }, 'a message after the restart');
    expect(heard[0]).toEqual(replaced('again'));
  });
}

function replaced(connectionId: string): PeerMessage {
  return { kind: 'replaced', connectionId };
}
