import { HubError } from '@ringback/contract';
import { OPERATOR_ACTIONS, type Action } from './actions.js';

/** Says which right is missing, and nothing of those that are there. */
export function missingRight(action: Action): HubError {
  const isOperators = OPERATOR_ACTIONS.some((one) => one === action);
  return new HubError('forbidden', `The right ${isOperators ? 'operate: ' : ''}${action} is missing.`);
}
