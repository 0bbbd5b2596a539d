import { SETTINGS as AGENT_SETTINGS } from '../../../apps/agent/src/configuration/settings.js';
import { settingsOf as hubSettings } from '../../../apps/hub/src/config.js';
import type { Section } from '../document.js';

/** What of a setting is recorded. */
interface RecordedSetting {
  readonly allowed: string;
  readonly fallback?: string;
  readonly secret?: true;
}

/** Every variable of hub and agent. What is said about them may change freely. */
export function recordSettings(): Section {
  return { hub: recordTable(hubSettings()), agent: recordTable(AGENT_SETTINGS) };
}

function recordTable(table: Readonly<Record<string, RecordedSetting>>): Section {
  return Object.fromEntries(
    Object.entries(table).map(([name, { allowed, fallback, secret }]) => [
      name,
      { allowed, ...(fallback !== undefined && { default: fallback }), ...(secret && { secret }) },
    ]),
  );
}
