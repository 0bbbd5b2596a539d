export type { GrantedAction } from './granted-actions.js';
export { TokenAccess } from './token-access.js';
