export {
  ProtocolError,
  type HubProtocol,
  type MessageReader,
  type ByteText,
  type Payload,
  type TransferFormat,
} from './hub-protocol.js';
export { jsonProtocol } from './json-protocol.js';
export { messagePackProtocol } from './messagepack-protocol.js';
export {
  encodeArgument,
  HOLE,
  prepareInvocation,
  type EncodedArgument,
  type PreparedInvocation,
} from './prepared-invocation.js';
export type {
  Ack,
  BindingFailure,
  CancelInvocation,
  Close,
  Completion,
  HubMessage,
  Invocation,
  MessageHeaders,
  Ping,
  Sequence,
  StreamInvocation,
  StreamItem,
} from './messages.js';
