import { OPERATOR_ACTIONS, type Action } from '@ringback/core';

/** What the short form of a grant calls all actions of one kind. */
export type GrantedAction = 'subscribe' | 'trigger' | 'operate';

/** What each stands for, of every event. */
export const ACTIONS_OF: Readonly<Record<GrantedAction, readonly Action[]>> = {
  subscribe: ['subscribe', 'presence', 'history'],
  trigger: ['trigger', 'oneShot'],
  operate: OPERATOR_ACTIONS,
};
