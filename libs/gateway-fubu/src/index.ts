import { defineProtocol } from '@ringback/gateway-kit';
import { FubuGatewayModule } from './fubu.module.js';
import { GATEWAY } from './fubu.options.js';
import { SETTINGS } from './fubu.settings.js';
import { topicHistory } from './topic-history.js';

export { EventPublisher, type EventsFromQueue } from './event-publisher.js';
export { KEPT_EVENTS, type Arrival, type EventQueue } from './event-queue.js';
export { FUBU_WRITER, W3C_WRITER, type EventWriter } from './event-writer.js';
export { FubuGatewayModule, type FubuModuleOptions } from './fubu.module.js';
export type { FubuOptions } from './fubu.options.js';
export type { KeptEvent, StreamEvent } from './stream-event.js';
export { topicHistory } from './topic-history.js';
export { Topic, type TopicClass, type TopicReference } from './topic.js';
export type {
  ParameterDefinition,
  ParameterType,
  ParameterValue,
  TopicDefinition,
  WriterName,
} from './topic.definition.js';
export type { TopicValue } from './topic-type.js';

/** The line for the list of protocols. */
export const fubuProtocol = defineProtocol({
  name: GATEWAY,
  settings: SETTINGS,
  reservedPaths: ({ RINGBACK_FUBU_PATH: path }) => [{ setting: 'RINGBACK_FUBU_PATH', path }],
  historyOverrides: ({ RINGBACK_FUBU_TOPICS: topics = [] }) => topicHistory(topics),
  module: (values) =>
    FubuGatewayModule.forRoot({
      path: values.RINGBACK_FUBU_PATH,
      topics: values.RINGBACK_FUBU_TOPICS ?? [],
      writer: values.RINGBACK_FUBU_WRITER,
      retryMs: values.RINGBACK_FUBU_RETRY_MS,
      keepAliveMs: values.RINGBACK_FUBU_KEEP_ALIVE_MS,
    }),
});
