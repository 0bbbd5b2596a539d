import { MemoryCluster } from '@ringback/memory';
import { describeApplication } from './testing/application-suite.js';

const cluster = new MemoryCluster();
describeApplication('in one process', async () => cluster.node().relay);
