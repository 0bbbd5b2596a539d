import type { Rights } from '@ringback/access-rights';
import { OPERATOR_ACTIONS } from '@ringback/core';

/** What the short form of a grant calls everything of one kind. */
export type GrantedAction = 'subscribe' | 'trigger' | 'operate';

const ALL = ['*'];

const RIGHTS_OF: Readonly<Record<GrantedAction, Rights>> = {
  subscribe: { subscribe: ALL, presence: ALL, history: ALL },
  trigger: { trigger: ALL, oneShot: ALL },
  operate: { operate: OPERATOR_ACTIONS },
};

/** Everything of these kinds, of every event and as any durable subscriber. */
export function rightsOf(actions: readonly GrantedAction[]): Rights {
  return Object.assign({ subscribers: ALL }, ...actions.map((action) => RIGHTS_OF[action])) as Rights;
}
