export { catchFaults } from './faults.js';
export { listen } from './listen.js';
export { NestLog } from './nest-log.js';
export { OwnerForwarder, type OwnerForwarderOptions } from './owner-forwarder.js';
export { PinoLog, type LogLevel } from './pino-log.js';
export { PlatformModule } from './platform.module.js';
export { PromMetrics } from './prom-metrics.js';
export { Readiness } from './readiness.js';
export { readSettings, type Environment, type SettingValues } from './read-settings.js';
export { redisUrl } from './redis-url.setting.js';
export {
  defaulted,
  matching,
  oneOf,
  parts,
  wholeNumber,
  WrongValue,
  type Defaulted,
  type Setting,
} from './setting.js';
export { settingsTable, tableCell } from './settings-table.js';
export { stopOnSignals } from './shutdown.js';
export { StartError } from './start-error.js';
export { readVersion } from './version.js';
export { within } from './within.js';
