export { CountingMetrics } from './counting-metrics.js';
export { FakeClock } from './fake-clock.js';
export type { MemoryUse } from './memory-budget.js';
export { MemoryCluster } from './memory-cluster.js';
export { OpenAccess } from './open-access.js';
export { RecordingLog } from './recording-log.js';
export { SilentLog } from './silent-log.js';
export { SystemClock } from './system-clock.js';
