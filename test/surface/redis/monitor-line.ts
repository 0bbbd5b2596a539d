/** A command with its arguments; bytes that are no printable ASCII are one character each. */
export type RedisCommand = readonly string[];

/** Time, database and client, and the quoted texts behind them. */
const LINE = /^\+?\d+\.\d+ \[\d+ [^\]]+\] (".*)$/;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;
const ESCAPE = /\\(?:x([0-9a-f]{2})|(.))/g;
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** Reads a line of MONITOR; `undefined` for anything else. */
export function parseMonitorLine(line: string): RedisCommand | undefined {
  const quoted = LINE.exec(line)?.[1];
  if (quoted === undefined) return undefined;
  const [name = '', ...args] = [...quoted.matchAll(QUOTED)].map(([, text = '']) => unescape(text));
  return [name.toUpperCase(), ...args];
}

function unescape(text: string): string {
  return text.replace(ESCAPE, (_escape, hex: string | undefined, character: string) =>
    hex === undefined ? (CONTROLS[character] ?? character) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
