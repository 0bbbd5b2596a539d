import type { Environment } from './environment.js';
import { readSecret } from './secret-files.js';
import { InvalidSettingError, type Defaulted, type Setting } from './setting.js';
import { StartupError } from './startup-error.js';

/** Every variable that an app reads, by its name. */
export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

/** What a table of settings comes to. */
export type SettingValues<Table extends SettingTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Defaulted<infer Value>
    ? Value
    : Table[Name] extends Setting<infer Value>
      ? Value | undefined
      : never;
};

/**
 * A secret may stand in the file that the variable with `_FILE` behind its name names. Throws `StartupError` that names the variable, what is wrong with
 * it and what is allowed.
 */
export function readSettings<Table extends SettingTable>(
  table: Table,
  environment: Environment,
): SettingValues<Table> {
  const entries = Object.entries(table).map(([name, setting]) => [name, read(name, setting, environment)]);
  return Object.fromEntries(entries) as SettingValues<Table>;
}

/** An empty variable counts as absent, as deployment templates leave them behind. */
function read(name: string, setting: Setting<unknown>, environment: Environment): unknown {
  const given = setting.secret ? readSecret(name, environment) : environment[name]?.trim();
  const text = given || setting.fallback;
  if (text === undefined) return undefined;
  try {
    return setting.parse(text);
  } catch (error) {
    if (!(error instanceof InvalidSettingError)) throw error;
    const shown = setting.secret ? '' : `=${JSON.stringify(text.slice(0, 200))}`;
    throw new StartupError(`${name}${shown} ${error.message}; allowed is ${setting.allowed}.`, {
      cause: error,
    });
  }
}
