import type { SettingTable } from './read-settings.js';
import { FILE_SUFFIX } from './secret-files.js';
import type { Setting } from './setting.js';

/** A table of settings as the lines of a table in Markdown. */
export function settingsTable(settings: SettingTable): readonly string[] {
  return ['| Variable | Default | Meaning |', '|---|---|---|', ...Object.entries(settings).map(settingRow)];
}

/** Text that may stand in a cell of such a table. */
export function tableCell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/ {2,}/g, ' ');
}

function settingRow([name, setting]: [string, Setting<unknown>]): string {
  const fallback = setting.fallback === undefined ? '–' : `\`${setting.fallback}\``;
  const words = [setting.doc, absence(setting), `Allowed: ${code(setting.allowed)}.`];
  const names = setting.secret ? `\`${name}\` or \`${name}${FILE_SUFFIX}\`` : `\`${name}\``;
  return `| ${names} | ${fallback} | ${tableCell(words.join(' '))} |`;
}

function absence({ absent }: Setting<unknown>): string {
  return absent === undefined ? '' : `If absent: ${absent.charAt(0).toLowerCase()}${absent.slice(1)}`;
}

/** What looks like JSON stands as code: Markdown would read parts of it as links. */
function code(text: string): string {
  return text.replace(/\[\{.*\}\]/, (json) => `\`${json}\``);
}
