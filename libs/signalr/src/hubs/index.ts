export * from './backplane.js';
export {
  checkedMethod,
  defineHub,
  type ArgumentCheck,
  type Hub,
  type HubDefinition,
  type HubMethod,
} from './hub-definition.js';
export {
  typedClients,
  type AnyClientMethods,
  type CallerClients,
  type ClientMethods,
  type ClientSet,
  type HubClients,
  type SingleClient,
} from './hub-clients.js';
export type { Pausable, PausableConnection } from './flow-control.js';
export { immediateFlow, type InboundFlow, type InboundSource } from './inbound-flow.js';
export type { HubConnection } from './hub-connection.js';
export type { HubContext } from './hub-context.js';
export { HubException, InvalidDataException, OperationCanceledException } from './hub-errors.js';
export type { HubGroups } from './hub-groups.js';
export { warningsLog, type HubLog } from './hub-log.js';
export { noMetrics, type HubMetrics } from './hub-metrics.js';
export type { HubOptions, HubSettings } from './hub-options.js';
export { OnceEncoded, prepareSend, ReadyPayloads, type PreparedMessage } from './prepared-message.js';
export type { SendTarget } from './send-target.js';
export { SignalRHub } from './signalr-hub.js';
export { SignalRServer, type ServerSettings } from './signalr-server.js';
export { systemTimers, type Cancel, type Timers } from '../timers.js';
