export type { GrantedAction } from './granted-actions.js';
export { TokenAccess, type TokenGrant } from './token-access.js';
