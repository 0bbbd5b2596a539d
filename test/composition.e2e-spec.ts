import { describeComposition } from './scenarios/composition.js';
import { CompositionOfProcesses } from './support/composition-of-processes.js';

describeComposition('as processes of this machine', async () => CompositionOfProcesses.start(), 90_000);
