/** Why the node cannot start, in one sentence for whoever started it. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
