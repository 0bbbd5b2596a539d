import type { Log } from '@ringback/core';

/** A log that nobody reads. */
export class SilentLog implements Log {
  debug(): void {}

  info(): void {}

  warn(): void {}

  error(): void {}
}
