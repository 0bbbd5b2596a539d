/** `Credentials` that bridges show to the hub that they run in. The application provides them. */
export const BRIDGE_CREDENTIALS = Symbol('BridgeCredentials');

/** `Log` of the core for bridges. The application provides it. */
export const BRIDGE_LOG = Symbol('BridgeLog');

/** Where bridges count what they carry; each bridge library says which methods it calls. The application provides it. */
export const BRIDGE_METRICS = Symbol('BridgeMetrics');
