import { AGENT_PREFIX } from '../scenario/agent-environment.js';
import { PREFIX } from '../scenario/hub-environments.js';
import { isRelayMessage, showRelayMessage } from './relay-message.js';

/** Stands for every key that the agent's queue makes by itself. */
export const QUEUE_KEYS = `{${AGENT_PREFIX}}:tickets:<of BullMQ>`;

/** Names of the scenario, and what differs from key to key or from time to time, by form. The order counts. */
const FORMS: readonly (readonly [pattern: RegExp, placeholder: string])[] = [
  [/\bev-[\w-]+|caf\W+\/open/g, '<event>'],
  [/\[(?:\\?"<event>\\?",?)*\]/g, '[<events>]'],
  [/\b(?:worker-[\w-]+|agent)(?=["\\]|$)/g, '<subscriber>'],
  [/\b(?:row \d|Viewmodel=\w+&RootId=\d)(?=["\\]|$)/g, '<cookie>'],
  [/\bnode-[ab]\b/g, '<node>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/g, '<id>'],
  [/<(?:connection|generation|epoch|cluster|hash|uuid)>/g, '<id>'],
  [/"nobody\b/g, '"<id>'],
  [/(?<![<\w])\d+(?:\.\d+)*\b/g, '<n>'],
];

/** Makes patterns of what stands in Redis. */
export class RedisMask {
  /** `known` masks what is known to differ from run to run. */
  constructor(private readonly known: (text: string) => string) {}

  /** The pattern of a key or channel. */
  key(key: string): string {
    if (key.startsWith(`{${AGENT_PREFIX}}:tickets:`)) return QUEUE_KEYS;
    const named = key.startsWith(`${PREFIX}:{`) ? key.replace(/\{[^}]*\}/, '{<event>}') : key;
    return this.text(named.replace(/(:key:).*/, '$1<key>').replace(/(probe:)\{[^}]*\}/, '$1{<tag>}'));
  }

  /** What a value, a field or a message looks like. */
  value(value: string): string {
    if (isRelayMessage(value)) return this.text(showRelayMessage(value));
    // The version of a format stands first, and a tab behind it.
    const version = /^\d(?=\t)/.exec(value)?.[0] ?? '';
    return version + this.text(value.slice(version.length));
  }

  private text(text: string): string {
    const mask = (masked: string, [pattern, placeholder]: (typeof FORMS)[number]): string =>
      masked.replace(pattern, placeholder);
    return FORMS.reduce(mask, this.known(text));
  }
}
