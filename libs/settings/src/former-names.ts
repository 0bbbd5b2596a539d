import type { Environment } from './environment.js';
import type { SettingTable } from './read-settings.js';

/** A variable that is set but no longer read, and the one that took its place. Values are nobody's business here. */
export interface IgnoredSetting {
  readonly setting: string;
  readonly use: string;
}

/** Passes each variable that is set under the former name of a setting to `warn`. */
export function warnOfFormerNames(
  table: SettingTable,
  environment: Environment,
  warn: (message: string, fields: IgnoredSetting) => void,
): void {
  for (const [use, { formerName: setting }] of Object.entries(table)) {
    if (setting !== undefined && environment[setting]?.trim())
      warn('setting ignored, it has a new name', { setting, use });
  }
}
