export { backplaneHistory, type BackplaneOptions } from './backplane-options.js';
export { RelayBackplane } from './relay-backplane.js';
