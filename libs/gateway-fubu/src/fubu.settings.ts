import { defaulted, matching, oneOf, wholeNumber } from '@ringback/settings';
import { DEFAULT_OPTIONS } from './fubu.options.js';
import { topicList } from './topic-list.js';
import { WRITERS } from './topic.definition.js';

const { path, writer, retryMs, keepAliveMs } = DEFAULT_OPTIONS;

/** What the environment says of topics and their streams. */
export const SETTINGS = {
  RINGBACK_FUBU_PATH: defaulted(
    path,
    matching(/^(\/[0-9A-Za-z._~-]+)+$/, 'an absolute path without a slash at its end', {
      doc: 'What the URLs of all topics begin with.',
    }),
  ),
  RINGBACK_FUBU_TOPICS: topicList({
    doc: 'The topics that clients of FubuMVC find here; see [protocol/fubu.md](protocol/fubu.md#topics). The same on all nodes.',
    absent: 'None.',
  }),
  RINGBACK_FUBU_WRITER: oneOf(
    WRITERS,
    writer,
    'How the events of topics are written that do not say: `fubu` puts the name of an event behind its id, `w3c` into a line of its own.',
  ),
  RINGBACK_FUBU_RETRY_MS: wholeNumber(
    retryMs,
    'How long a client of a topic waits before it comes back after its stream has ended, unless an event says otherwise. Those that a node sends away while it drains, or cannot take in, are told up to three times as much.',
    { min: 0, max: 60_000 },
  ),
  RINGBACK_FUBU_KEEP_ALIVE_MS: wholeNumber(
    keepAliveMs,
    'How often the open stream of a topic says something. Proxies in between have to wait for longer, and many wait for 60 s.',
    { min: 1_000, max: 60_000 },
  ),
} as const;
