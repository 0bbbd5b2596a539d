export { OperatorApiModule } from './operator-api.module.js';
