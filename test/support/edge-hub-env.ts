/** In seconds rather than in half a minute; a bare nginx names its upstream as `Host`. */
export const EDGE_HUB_ENV = {
  RINGBACK_TRUSTED_PROXIES: 'loopback',
  RINGBACK_ALLOWED_HOSTS: 'ringback',
  RINGBACK_SOCKETIO_PING_INTERVAL_MS: '10000',
  RINGBACK_SIGNALR_POLL_TIMEOUT_MS: '10000',
  RINGBACK_SSE_KEEP_ALIVE_MS: '10000',
};
