/** What the history shows and the promises do not allow. */
export type ViolationKind =
  | 'missing'
  | 'twice'
  | 'order'
  | 'one-shot'
  | 'after-end'
  | 'position-reused'
  | 'key-twice'
  | 'cookie'
  | 'stored'
  | 'ghost'
  | 'outcome'
  | 'phantom'
  /** What was not acknowledged did not come again. */
  | 'unreplayed'
  /** What was acknowledged came again. */
  | 'acknowledged'
  | 'replaced'
  | 'pending'
  | 'session'
  | 'crashed'
  | 'unready';

export interface Violation {
  readonly kind: ViolationKind;
  readonly what: string;
  readonly subscription?: string;
  readonly trigger?: number;
  readonly eventguid?: string;
  readonly position?: string;
}
