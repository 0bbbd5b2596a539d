import { defineProtocol } from '@ringback/gateway-kit';
import { SseGatewayModule } from './sse.module.js';
import { GATEWAY } from './sse.options.js';
import { SETTINGS } from './sse.settings.js';

export { SseGatewayModule } from './sse.module.js';
export type { SseOptions } from './sse.options.js';

/** The line for the list of protocols. Its path is among those of the HTTP API. */
export const sseProtocol = defineProtocol({
  name: GATEWAY,
  settings: SETTINGS,
  reservedPaths: () => [],
  module: (values) =>
    SseGatewayModule.forRoot({
      retryMs: values.RINGBACK_SSE_RETRY_MS,
      keepAliveMs: values.RINGBACK_SSE_KEEP_ALIVE_MS,
      streamTtlMs: values.RINGBACK_SSE_STREAM_TTL_MS,
      preparedTtlMs: values.RINGBACK_SSE_PREPARED_TTL_MS,
      maxPreparedBytes: values.RINGBACK_SSE_PREPARED_BYTES,
    }),
});
