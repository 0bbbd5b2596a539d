import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HubError } from '@ringback/contract';
import type { Identity } from './ports/access-policy.port.js';
import { sampleLease } from './testing/sample-lease.js';
import { StillCluster } from './testing/still-cluster.js';
import type { TestHub } from './testing/test-hub.js';

const operator: Identity = { name: 'operator' };

/** The connections of a gateway on one node. */
class Held {
  readonly ids = new Set<string>();
  readonly connections;

  constructor(node: TestHub, gateway = 'double') {
    const { ids } = this;
    this.connections = {
      get size() {
        return ids.size;
      },
      has: (connectionId: string) => ids.has(connectionId),
      remove: (connectionId: string) => ids.delete(connectionId),
    };
    node.hub.addConnections(gateway, this.connections);
  }
}

describe('operators, of the connections of a gateway that every node tells of', () => {
  let cluster: StillCluster;
  let nodes: TestHub[];
  let held: Held[];

  beforeEach(async () => {
    cluster = new StillCluster();
    nodes = [await cluster.start(), await cluster.start(), await cluster.start()];
    held = nodes.map((node) => new Held(node));
    held[0]?.ids.add('c0').add('c1');
    held[2]?.ids.add('c2');
  });

  afterEach(async () => {
    for (const { hub } of nodes) await hub.drain();
  });

  it('count those of all nodes on any', async () => {
    for (const { hub } of nodes) expect(await hub.operator.connections(operator)).toBe(3);
  });

  it('find one on any node, and where it is', async () => {
    for (const { hub } of nodes) {
      const found = await hub.operator.connection(operator, 'c2');
      expect(found).toEqual({ connectionId: 'c2', gateway: 'double', nodeId: nodes[2]?.hub.nodeId });
      await expect(hub.operator.connection(operator, 'none')).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  it('close one from any node, once', async () => {
    await nodes[1]?.hub.operator.disconnect(operator, 'c2');
    expect(held.map(({ ids }) => ids.size)).toEqual([2, 0, 0]);
    const again = nodes[0]?.hub.operator.disconnect(operator, 'c2');
    await expect(again).rejects.toMatchObject({ code: 'not-found' });
  });

  it('tell gateways apart', async () => {
    for (const node of nodes) new Held(node, 'other').ids.add(`other-${node.hub.nodeId}`);
    expect(await nodes[0]?.hub.operator.connections(operator)).toBe(6);
    const id = `other-${nodes[1]?.hub.nodeId}`;
    expect(await nodes[0]?.hub.operator.connection(operator, id)).toMatchObject({ gateway: 'other' });
  });

  describe('with a node that does not answer', () => {
    let code: unknown;
    const failing = (asked: Promise<unknown>): Promise<void> => {
      code = undefined;
      asked.catch((error: unknown) => (code = HubError.from(error).code));
      return cluster.passing(100, () => code !== undefined);
    };

    beforeEach(async () => {
      await cluster.ports.leases.take(sampleLease('silent'));
    });

    it('say so after two seconds rather than a wrong number, and name the node', async () => {
      const [node] = nodes as [TestHub];
      await failing(node.hub.operator.connections(operator));
      expect(code).toBe('relay-unavailable');
      const line = node.log.lines.find(({ message }) => message.startsWith('connection query'));
      expect(line?.fields).toMatchObject({ gateway: 'double', nodeIds: ['silent'] });
      await failing(node.hub.operator.connection(operator, 'none'));
      expect(code).toBe('relay-unavailable');
    });

    it('find and close what another node holds all the same', async () => {
      const [node] = nodes as [TestHub];
      expect(await node.hub.operator.connection(operator, 'c2')).toMatchObject({ connectionId: 'c2' });
      await node.hub.operator.disconnect(operator, 'c2');
      expect(held[2]?.ids.size).toBe(0);
    });
  });

  it('find and close what one gateway knows although another cannot tell', async () => {
    const [node] = nodes as [TestHub];
    const away = () => Promise.reject(new HubError('relay-unavailable'));
    node.hub.addDirectory({ find: away, count: away, disconnect: away });
    expect(await node.hub.operator.connection(operator, 'c2')).toMatchObject({ connectionId: 'c2' });
    await node.hub.operator.disconnect(operator, 'c2');
    expect(held[2]?.ids.size).toBe(0);
    const unknown = { code: 'relay-unavailable' };
    await expect(node.hub.operator.connection(operator, 'c2')).rejects.toMatchObject(unknown);
    await expect(node.hub.operator.disconnect(operator, 'c2')).rejects.toMatchObject(unknown);
  });

  it('are not disturbed by what no node of this version would say', async () => {
    const [node, other] = nodes as [TestHub, TestHub];
    const bodies = [
      '',
      'null',
      '[]',
      '{"id":1}',
      '{"id":-1,"found":5}',
      '{"id":9,"found":5}',
      '{"id":1,"ask":"all"}',
    ];
    for (const body of bodies) other.hub.notes.tell(node.hub.nodeId, 'connections:double', body);
    expect(await node.hub.operator.connections(operator)).toBe(3);
    const lines = node.log.lines.filter(({ message }) => message === 'peer note not readable');
    expect(lines).toHaveLength(6);
  });
});
