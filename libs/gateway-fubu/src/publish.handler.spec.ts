import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { TopicNodes } from './testing/topic-nodes.js';

describe('PublishHandler', () => {
  let nodes: TopicNodes;
  /** All requests share one connection. */
  let agent: Agent;

  beforeEach(async () => {
    nodes = await TopicNodes.start({ topics: [{ name: 'PlainTopic' }], limits: { dataBytes: 64 } });
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });
  afterEach(async () => {
    agent.destroy();
    await nodes.close();
  });

  async function post(body: string): Promise<number | undefined> {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    const sent = request(nodes.server().at('plain'), { method: 'POST', headers, agent }).end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await text(response);
    return response.statusCode;
  }

  it('goes on with the connection after a body that is far too long', async () => {
    expect(await post(`[${' '.repeat(4_000_000)}]`)).toBe(413);
    expect(await post('{"data":1}')).toBe(202);
  });
});
