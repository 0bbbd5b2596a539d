/** Text, or none: .NET takes null for a string. */
export const isText = (value: unknown): value is string | null => value === null || typeof value === 'string';

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
