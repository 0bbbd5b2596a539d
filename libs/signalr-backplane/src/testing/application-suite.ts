import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import type { Relay } from '@ringback/core';
import { ApplicationNode, type TestClient } from './test-application.js';

/** What users of one node do to users of another, whatever the relay. */
export function describeApplication(name: string, makeRelay: () => Promise<Relay>): void {
  describe(`a SignalR application of two nodes ${name}`, () => {
    let nodes: ApplicationNode[];
    let ann: TestClient;
    let bob: TestClient;
    let cid: TestClient;

    beforeAll(async () => {
      const [near, far] = [
        await ApplicationNode.start(await makeRelay()),
        await ApplicationNode.start(await makeRelay()),
      ];
      nodes = [near, far];
      ann = await near.connect('ann');
      bob = await far.connect('bob');
      cid = await far.connect('cid', true);
    });

    afterAll(async () => {
      await Promise.all(nodes.map((node) => node.close()));
    });

    const said = async (expected: readonly (readonly string[])[]): Promise<void> => {
      const all = [ann, bob, cid];
      await waitFor(() => all.every((client, index) => client.said.length >= (expected[index]?.length ?? 0)));
      expect(all.map((client) => client.said.splice(0))).toEqual(expected);
    };

    it('tells all, and others, in order and each once', async () => {
      await ann.link.invoke('ToAll', '1');
      await ann.link.invoke('ToOthers', '2');
      await ann.link.invoke('ToAll', '3');
      await said([
        ['1', '3'],
        ['1', '2', '3'],
        ['1', '2', '3'],
      ]);
    });

    it('tells a user, and a connection, on another node', async () => {
      await ann.link.invoke('ToUser', 'bob', '1');
      await ann.link.invoke('ToOne', cid.id, '2');
      await ann.link.invoke('ToAll', '3');
      await said([['3'], ['1', '3'], ['2', '3']]);
      await bob.link.invoke('ToUser', 'ann', '4');
      await bob.link.invoke('ToAll', '5');
      await said([['4', '5'], ['5'], ['5']]);
    });

    it('puts a client of another node into a group, and takes it out, before it answers', async () => {
      expect(await ann.link.invoke('Put', bob.id, 'g')).toBe(true);
      expect(await cid.link.invoke('Put', ann.id, 'g')).toBe(true);
      await ann.link.invoke('ToGroup', 'g', '1');
      expect(await ann.link.invoke('Take', bob.id, 'g')).toBe(true);
      await ann.link.invoke('ToGroup', 'g', '2');
      await ann.link.invoke('ToAll', '3');
      await said([['1', '2', '3'], ['1', '3'], ['3']]);
    });

    it('asks a client of another node, and hears its answer or its error', async () => {
      cid.link.on('Answer', (question: unknown) => [question, 'yes']);
      bob.link.on('Answer', () => {
        throw new Error('not today');
      });
      expect(await ann.link.invoke('Ask', cid.id, { ü: [1, null] })).toEqual([{ ü: [1, null] }, 'yes']);
      await expect(ann.link.invoke('Ask', bob.id, 1)).rejects.toThrow('not today');
    });

    it('tells that no node has a connection', async () => {
      expect(await ann.link.invoke('Put', 'nobody', 'g')).toBe(false);
      await expect(ann.link.invoke('Ask', 'nobody', 1)).rejects.toThrow(
        "Connection 'nobody' does not exist.",
      );
    });

    it('carries many messages at once, in order and each once', async () => {
      const texts = Array.from({ length: 500 }, (_, index) => `${index}`);
      await Promise.all(texts.map((text) => ann.link.invoke('ToOthers', text)));
      await said([[], texts, texts]);
    });
  });
}
