import {
  describeClaims,
  describeClusterKey,
  describeLeaseStore,
  describePeers,
  describeRecordStore,
  describeRelay,
  describeSessionStore,
  describeSubscriptionStore,
  type PortClusterFactory,
} from '@ringback/conformance';
import { MemoryCluster } from './memory-cluster.js';

const cluster: PortClusterFactory = async (options) => {
  const shared = new MemoryCluster(options);
  return {
    node: async () => shared.node(),
    expireLease: async (lease) => shared.expireLease(lease),
    restart: async (how) => shared.restart(how),
    close: async () => {},
  };
};

describeRelay('MemoryCluster', cluster);
describeSubscriptionStore('MemoryCluster', cluster);
describeLeaseStore('MemoryCluster', cluster);
describeSessionStore('MemoryCluster', cluster);
describePeers('MemoryCluster', cluster);
describeClaims('MemoryCluster', cluster);
describeClusterKey('MemoryCluster', cluster);
describeRecordStore('MemoryCluster', cluster);
