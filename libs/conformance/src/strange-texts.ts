import { EVENTGUID_BYTES } from '@ringback/contract';

/** Eventguids that are allowed and that careless code changes, mixes up or trips over. */
export const STRANGE_EVENTGUIDS: readonly string[] = [
  'a',
  ' ',
  ' leading and trailing ',
  '{braces}',
  '}{',
  '100%',
  '%7Bencoded%7D',
  'path/to/../event',
  'query?event=1&cookie=2#fragment',
  'plus+plus',
  `quotes ' " \` \\`,
  'comma,colon:semicolon;equals=',
  '*',
  '[ab]?*',
  '__proto__',
  'constructor',
  'null',
  '0',
  'ÀÉÎÕÜ',
  'e\u0301',
  '\u00e9',
  'line\u2028separator',
  '\ufeffmark',
  '🔔🛎️',
  '漢字かな',
  'x'.repeat(EVENTGUID_BYTES),
  '🔔'.repeat(EVENTGUID_BYTES / 4),
];

/** Cookies that must come back byte for byte. */
export const STRANGE_COOKIES: readonly string[] = [
  'a',
  ' padded ',
  'tab\tand\nnewline\r\nand\0nul',
  '{"json":"text","n":[1,2]}',
  `quotes ' " \` \\`,
  '\\u0041 \\n',
  '%7B%25',
  '{}',
  '__proto__',
  'null',
  'undefined',
  'line\u2028and paragraph\u2029separators',
  '\ufeffmark',
  'e\u0301',
  '\u00e9',
  '\u007f\u0080\u009f',
  '🔔🛎️👩‍👩‍👧‍👦',
  '漢字かな',
  '</script><!--',
  'id: 1\ndata: 2\n\n',
  'c'.repeat(4096),
];

/** What is not an eventguid, and why not. */
export const BAD_EVENTGUIDS: readonly (readonly [why: string, eventguid: string])[] = [
  ['that is empty', ''],
  ['with a line break', 'line\nbreak'],
  ['with a NUL', 'nul\0'],
  ['with DEL', '\u007f'],
  ['with a C1 control character', '\u0085'],
  ['of too many letters', 'x'.repeat(EVENTGUID_BYTES + 1)],
  ['of too many bytes', '🔔'.repeat(EVENTGUID_BYTES / 4) + 'x'],
];
