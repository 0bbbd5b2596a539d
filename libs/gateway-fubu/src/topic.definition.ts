import type { HistoryLimits } from '@ringback/core';

export const PARAMETER_TYPES = ['text', 'integer', 'number', 'boolean', 'guid'] as const;

export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** What a parameter holds; `null` for a text that was not given. */
export type ParameterValue = string | number | boolean | null;

/** One property of a topic, by which it is told apart from others of its type. */
export interface ParameterDefinition {
  /** Compared without regard to case. */
  readonly name: string;
  /** Default: `text`. */
  readonly type?: ParameterType;
  /** What counts where it is not given. Default: null, 0, false, or the empty GUID. */
  readonly default?: ParameterValue;
}

export const WRITERS = ['fubu', 'w3c'] as const;

/** Which lines an event has: `id: <id>/<event>`, or `id:` and `event:` of their own. */
export type WriterName = (typeof WRITERS)[number];

/** A topic type: what its clients listen to, and where they find it. */
export interface TopicDefinition {
  /** The full name, as of a class: `SimpleTopic` is found at `SimpleTopic` and at `simple`. */
  readonly name: string;
  /** Other names in its URL, beside the two. */
  readonly aliases?: readonly string[];
  /** What stands in the path behind the name, in this order. */
  readonly path?: readonly ParameterDefinition[];
  /** What stands in the query. */
  readonly query?: readonly ParameterDefinition[];
  /** The event of the hub that a topic is, with its parameters in braces: `order-{OrderId}`. Default: `_events/<name>?<parameters>`. */
  readonly eventguid?: string;
  /** How much is kept for those who come later, where that is not what the hub keeps of all events. */
  readonly retention?: Partial<HistoryLimits>;
  /** Default: that of the gateway. */
  readonly writer?: WriterName;
}
