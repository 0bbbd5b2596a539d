export { defineBridge, type BridgeDefinition } from './bridge-definition.js';
export { BRIDGE_CREDENTIALS, BRIDGE_LOG, BRIDGE_METRICS } from './tokens.js';
