import type { OpenSource } from './hub-source.port.js';
import { RingbackSource } from './ringback-source.js';
import { SignalRSource, type SignalRSourceParts } from './signalr-source.js';

/** Opens sources of each kind. */
export function openSourceWith(parts: SignalRSourceParts): OpenSource {
  return async (hub, listener) =>
    hub.kind === 'ringback'
      ? RingbackSource.open(hub, listener, parts.log)
      : new SignalRSource(hub, listener, parts);
}
