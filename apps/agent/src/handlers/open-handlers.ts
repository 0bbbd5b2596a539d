import type { Handlers, TimedHandler } from './handler.js';
import type { HandlerConfig } from './handler-config.js';
import { httpHandler } from './http-handler.js';
import { moduleHandler } from './module-handler.js';

/** Makes the handlers that the configuration names. Throws `StartupError` for modules that cannot be used. */
export async function openHandlers(configs: ReadonlyMap<string, HandlerConfig>): Promise<Handlers> {
  const handlers = new Map<string, TimedHandler>();
  for (const [viewModel, config] of configs) {
    const handle = config.kind === 'http' ? httpHandler(config) : await moduleHandler(config);
    handlers.set(viewModel, { handle, timeoutMs: config.timeoutMs });
  }
  return handlers;
}
