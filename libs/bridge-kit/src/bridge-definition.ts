import type { DynamicModule } from '@nestjs/common';
import type { SettingTable, SettingValues } from '@ringback/settings';

/** A kind of bridge as an application lists it: one folder, one line. */
export interface BridgeDefinition<Table extends SettingTable = SettingTable> {
  /** In log lines and metrics. */
  readonly name: string;
  /** The variables of the environment that it reads, by name. They stand in docs/configuration.md by themselves. */
  readonly settings: Table;
  /** The Nest module that runs it. It expects the global `RingbackModule`, and `BRIDGE_CREDENTIALS`, `BRIDGE_LOG` and `BRIDGE_METRICS`. */
  module(values: SettingValues<Table>): DynamicModule;
}

/** Answers the definition itself: the compiler checks it against its own settings, and the result fits into a list of all bridges. Nothing is registered. */
export function defineBridge<const Table extends SettingTable>(
  definition: BridgeDefinition<Table>,
): BridgeDefinition {
  return definition;
}
