export { CompiledRights } from './compiled-rights.js';
export { InvalidRightsError } from './invalid-rights.error.js';
export { parseRights } from './parse-rights.js';
export type { Rights } from './rights.js';
export { parseAnonymousRights, type AnonymousRights } from './anonymous-access.js';
export { RightsAccess } from './rights-access.js';
