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
} as const;
