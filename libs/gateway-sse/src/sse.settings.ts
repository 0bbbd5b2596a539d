import { wholeNumber } from '@ringback/settings';
import { DEFAULT_OPTIONS } from './sse.options.js';

/** What the environment says of the gateway for EventSource. */
export const SETTINGS = {
  RINGBACK_SSE_RETRY_MS: wholeNumber(
    DEFAULT_OPTIONS.retryMs,
    'How long an EventSource waits before it comes back after its stream has ended. Those that a node sends away while it drains, or cannot take in, are told up to three times as much.',
    { min: 0, max: 60_000 },
  ),
  RINGBACK_SSE_KEEP_ALIVE_MS: wholeNumber(
    DEFAULT_OPTIONS.keepAliveMs,
    'How often an open event stream says something. Proxies in between have to wait for longer, and many wait for 60 s.',
    { min: 1_000, max: 60_000 },
  ),
  RINGBACK_SSE_STREAM_TTL_MS: wholeNumber(
    DEFAULT_OPTIONS.streamTtlMs,
    'How long the cluster remembers a stream that has ended, of those that were prepared or have more than 11 events: for as long as the history reaches back.',
    { min: 1_000, max: 86_400_000 },
  ),
  RINGBACK_SSE_PREPARED_TTL_MS: wholeNumber(
    DEFAULT_OPTIONS.preparedTtlMs,
    'Within what time an event stream that was prepared has to be opened.',
    { min: 1_000, max: 3_600_000 },
  ),
  RINGBACK_SSE_PREPARED_BYTES: wholeNumber(
    DEFAULT_OPTIONS.maxPreparedBytes,
    'Most bytes that this node keeps for event streams that nobody has open. Beyond that, preparing is refused with `too-many-prepared-streams`, and streams that end are remembered no longer than those that are prepared.',
  ),
} as const;
