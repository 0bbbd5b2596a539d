export { NestLog } from './nest-log.js';
export { OwnerForwarder, type OwnerForwarderOptions } from './owner-forwarder.js';
export { PinoLog, type LogLevel } from './pino-log.js';
export { PlatformModule } from './platform.module.js';
export { PromMetrics } from './prom-metrics.js';
export { Readiness } from './readiness.js';
