/**
 * Why a request could not be carried to another node. `unreachable`: the node does not accept connections, so that it has seen nothing
 * of the request. `failed`: it broke off, or its address is invalid. `timeout`: it has been silent for too long.
 */
export type NodeProxyErrorKind = 'unreachable' | 'failed' | 'timeout';

const UNREACHABLE_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

export class NodeProxyError extends Error {
  override readonly name = 'NodeProxyError';

  constructor(
    readonly kind: NodeProxyErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Classifies what the proxy or a socket has reported. */
export function toNodeProxyError(error: Error): NodeProxyError {
  if (error instanceof NodeProxyError) return error;
  const unreachable = 'code' in error && UNREACHABLE_CODES.has(error.code);
  return unreachable
    ? new NodeProxyError('unreachable', `The node cannot be reached: ${error.message}`, { cause: error })
    : new NodeProxyError('failed', `Forwarding to the node failed: ${error.message}`, { cause: error });
}
