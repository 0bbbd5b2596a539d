import { StopSignals } from '@ringback/async';

// All else is loaded after signals are heeded.
const signals = new StopSignals();
const { run } = await import('./run.js');
await run(signals);
