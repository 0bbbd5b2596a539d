export type { Environment } from './environment.js';
export { warnOfFormerNames } from './former-names.js';
export { parseJsonList } from './json-list.js';
export { readSettings, type SettingTable, type SettingValues } from './read-settings.js';
export { FILE_SUFFIX, readSecret } from './secret-files.js';
export {
  defaulted,
  flag,
  formerly,
  InvalidSettingError,
  matching,
  oneOf,
  optional,
  share,
  splitList,
  wholeNumber,
  type Defaulted,
  type Setting,
  type SettingInfo,
} from './setting.js';
export { settingsTable, tableCell } from './settings-table.js';
export { StartupError } from './startup-error.js';
export { readTextFile } from './text-file.js';
