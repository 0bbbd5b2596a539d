import type { Identity } from './ports/access-policy.port.js';

/** The application that a node runs in, which may do everything. It is this object: nobody can become it by its name. */
export const APPLICATION: Identity = { name: 'application' };
