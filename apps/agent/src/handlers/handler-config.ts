/** A handler that is an HTTP call. */
export interface HttpHandlerConfig {
  readonly kind: 'http';
  /** With placeholders such as `{RootId}` behind its origin. */
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Signs timestamp and body. */
  readonly secret?: string;
  readonly timeoutMs: number;
}

/** A handler that is a function of the user's module. */
export interface ModuleHandlerConfig {
  readonly kind: 'module';
  /** Absolute. */
  readonly path: string;
  /** Absent: the function named like the ViewModel, else `handle`. */
  readonly exportName?: string;
  readonly timeoutMs: number;
}

export type HandlerConfig = HttpHandlerConfig | ModuleHandlerConfig;
