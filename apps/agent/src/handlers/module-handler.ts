import { StartupError } from '@ringback/settings';
import { pathToFileURL } from 'node:url';
import { FinalError } from '../tickets/final-error.js';
import { documentOf, type TicketDocument } from '../tickets/ticket-document.js';
import type { Handler } from './handler.js';
import type { ModuleHandlerConfig } from './handler-config.js';

/** What a module has to export: a function for the ViewModel, or `handle` for all. */
export type TicketFunction = (ticket: TicketDocument, context: { readonly signal: AbortSignal }) => unknown;

/** The function for whatever no other is named like. */
const DEFAULT_EXPORT = 'handle';

/** Loads the module. Throws `StartupError` if it cannot be loaded, or lacks a function that the configuration names. */
export async function moduleHandler({ path, exportName }: ModuleHandlerConfig): Promise<Handler> {
  const module = await load(path);
  if (exportName !== undefined && !functionOf(module, exportName))
    throw new StartupError(`RINGBACK_AGENT_CONFIG: the module ${path} exports no function ${exportName}.`);
  return async (ticket, signal) => {
    const run = exportName
      ? functionOf(module, exportName)
      : (functionOf(module, ticket.viewModel) ?? functionOf(module, DEFAULT_EXPORT));
    if (!run)
      throw new FinalError(`The ViewModel ${JSON.stringify(ticket.viewModel)} is unknown to its module.`);
    await run(documentOf(ticket), { signal });
  };
}

async function load(path: string): Promise<object> {
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(`RINGBACK_AGENT_CONFIG: the module ${path} cannot be loaded: ${reason}`, {
      cause: error,
    });
  }
}

function functionOf(module: object, name: string): TicketFunction | undefined {
  if (!Object.hasOwn(module, name)) return undefined;
  const value = (module as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'function' ? (value as TicketFunction) : undefined;
}
