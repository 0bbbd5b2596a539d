export { NodeAddressCache, type AddressLookup } from './node-address-cache.js';
export { NodeProxyError, type NodeProxyErrorKind } from './node-proxy-error.js';
export { NodeProxy, type UnansweredClient } from './node-proxy.js';
