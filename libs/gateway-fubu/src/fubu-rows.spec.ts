import { CLOSE_REASONS } from '@ringback/contract';
import { describeFubuRows } from './testing/fubu-rows.conformance.js';
import { ROW_TOPICS, STANDARD_TOPIC } from './testing/row-topics.js';
import { TopicNodes } from './testing/topic-nodes.js';

describeFubuRows('FubuMVC.ServerSentEvents on one node in memory', async () => {
  const topics = ROW_TOPICS.map((one) => ({ class: one, topic: new one() }));
  const nodes = await TopicNodes.start({ nodes: 1, topics: [...topics, STANDARD_TOPIC] });
  const { clients, publisher } = nodes.server();
  return {
    at: (topic) => nodes.server().at(topic),
    publishers: [publisher],
    clients: () => clients.size,
    faults: () => nodes.log.at('error').length,
    flush: () => clients.closeAll(CLOSE_REASONS.draining),
    shutDown: () => nodes.hub().drain(),
    close: () => nodes.close(),
  };
});
