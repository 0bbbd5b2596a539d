import { InvalidSettingError } from './setting.js';

/** The items of a setting that is a list in JSON. Throws `InvalidSettingError`. */
export function parseJsonList(text: string): readonly unknown[] {
  const list = parseJson(text);
  if (!Array.isArray(list)) throw new InvalidSettingError('is not a list');
  return list as unknown[];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidSettingError('is not JSON');
  }
}
