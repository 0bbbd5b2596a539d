import type { BridgeDefinition } from '@ringback/bridge-kit';
import { signalRBridge } from '@ringback/bridge-signalr';

/** Every kind of bridge: one line each. */
export const BRIDGES: readonly BridgeDefinition[] = [signalRBridge];
