import type { Section } from '../document.js';
import { httpExchange } from '../wire/http-exchange.js';

/** Words for people. */
const PROSE = new Set(['description', 'summary', 'example', 'examples', 'title']);
type Json = Readonly<Record<string, unknown>>;

/** What a running app says of its HTTP interface, without words for people. */
export async function recordOpenApi(url: string): Promise<Section> {
  const { bytes } = await httpExchange(url, { path: '/docs-json' });
  const { paths, components, security } = JSON.parse(bytes.toString()) as Record<string, Json>;
  const { schemas = {}, ...others } = components as Record<string, Json>;
  return {
    operations: Object.fromEntries(
      Object.entries(paths ?? {}).flatMap(([path, item]) => operations(path, item as Json)),
    ),
    schemas: Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, lines(schema as Json)]),
    ),
    components: lines(others),
    security: text(security),
  };
}

function operations(path: string, item: Json): [string, Section][] {
  return Object.entries(item).map(([method, operation]) => [
    `${method.toUpperCase()} ${path}`,
    operationSection(operation as Json),
  ]);
}

function operationSection({ parameters = [], responses = {}, ...rest }: Json): Section {
  return {
    ...lines(rest),
    parameters: (parameters as Json[]).map(text),
    responses: lines(responses as Json),
  };
}

/** One line for each member, so that a difference is short. */
function lines(value: Json): Section {
  const members = Object.entries(value).filter(([name]) => !PROSE.has(name));
  return Object.fromEntries(
    members.map(([name, item]) => [name, name === 'properties' ? properties(item) : text(item)]),
  );
}

/** Their names may be any, such as `title`. */
function properties(schemas: unknown): Section {
  return Object.fromEntries(Object.entries(schemas as Json).map(([name, schema]) => [name, text(schema)]));
}

/** As JSON with sorted keys. */
function text(value: unknown): string {
  return JSON.stringify(value, (name, item: unknown) => (isObject(item) ? sorted(item, name) : item)) ?? '';
}

function sorted(object: Json, name: string): Json {
  const members = Object.entries(object).filter(([key]) => name === 'properties' || !PROSE.has(key));
  return Object.fromEntries(members.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
