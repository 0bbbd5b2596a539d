import type { Origins } from '@ringback/contract';

/** Options of the HTTP gateway. */
export interface HttpConfig {
  /** Origins whose pages may call the hub: `'*'` for all, a list, or none at all (the default). */
  readonly corsOrigins?: Origins;
  /** Whether `/docs` shows the OpenAPI page. Default: true. */
  readonly docs?: boolean;
}

/** Under this token the module keeps its options. */
export const HTTP_CONFIG = Symbol('HttpConfig');
