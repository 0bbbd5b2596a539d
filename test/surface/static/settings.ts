import { SETTINGS as AGENT_SETTINGS } from '../../../apps/agent/src/configuration/settings.js';
import { SETTINGS as HUB_SETTINGS } from '../../../apps/hub/src/settings.js';
import type { Section } from '../document.js';

/** What of a setting is recorded. */
interface RecordedSetting {
  readonly allowed: string;
  readonly fallback?: string;
  readonly secret?: true;
}

/** Every variable of hub and agent. What is said about them may change freely. */
export function recordSettings(): Section {
  return { hub: settingsOf(HUB_SETTINGS), agent: settingsOf(AGENT_SETTINGS) };
}

function settingsOf(table: Readonly<Record<string, RecordedSetting>>): Section {
  return Object.fromEntries(
    Object.entries(table).map(([name, { allowed, fallback, secret }]) => [
      name,
      { allowed, ...(fallback !== undefined && { default: fallback }), ...(secret && { secret }) },
    ]),
  );
}
