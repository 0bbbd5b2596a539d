import { WrongValue } from '@ringback/platform';

/** The items of a setting that is a list in JSON. Throws `WrongValue`. */
export function parseJsonList(text: string): readonly unknown[] {
  const list = parseJson(text);
  if (!Array.isArray(list)) throw new WrongValue('is not a list');
  return list as unknown[];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongValue('is not JSON');
  }
}
