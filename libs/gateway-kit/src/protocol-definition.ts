import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { HistoryOverride } from '@ringback/core';
import type { SettingTable, SettingValues } from '@ringback/settings';

/** A path of the node's HTTP server that a protocol takes, and the setting that says so. */
export interface ReservedPath {
  readonly setting: string;
  readonly path: string;
}

/** A protocol as an application lists it: one folder, one line. */
export interface ProtocolDefinition<Table extends SettingTable = SettingTable> {
  /** In metrics, log lines and operator listings. */
  readonly name: string;
  /** The variables of the environment that it reads, by name. They stand in docs/configuration.md by themselves. */
  readonly settings: Table;
  /** Which paths it takes with these values. A node with two protocols at one path refuses to start. */
  reservedPaths(values: SettingValues<Table>): readonly ReservedPath[];
  /** How much is kept of events that are the protocol's own. What the user has set counts first. Absent where it has none. */
  historyOverrides?(values: SettingValues<Table>): readonly HistoryOverride[];
  /** Sets the application up before it is initialised: adapters, body parsers, filters. Absent where nothing is to be done. */
  configure?(app: NestFastifyApplication, values: SettingValues<Table>): void;
  /**
   * The scripts with which the page at `/` speaks it, by name: `client.mjs`, which exports `connect` (see `PageConnection` in docs/architecture.md), and
   * what that imports. Absent where browsers do not speak it.
   */
  pageClient?(values: SettingValues<Table>): ReadonlyMap<string, string>;
  /** The Nest module that serves it. It expects the global `RingbackModule`. */
  module(values: SettingValues<Table>): DynamicModule;
}

/** Answers the definition itself: the compiler checks it against its own settings, and the result fits into a list of all protocols. Nothing is registered. */
export function defineProtocol<const Table extends SettingTable>(
  definition: ProtocolDefinition<Table>,
): ProtocolDefinition {
  return definition;
}
