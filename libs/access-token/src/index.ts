export { TokenAccess } from './token-access.js';
