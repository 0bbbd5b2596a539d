import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/set-up.mjs';

const FILE = join(root, 'docs/edge/README.md');
const BETWEEN = /(?<=<!-- found by test\/edge-matrix -->\n)[^]*(?=<!-- end of what was found -->)/;

type Row = readonly [gateway: string, transport: string, ...cells: string[]];

/** What was found, row by row: gateway and transport, then a cell for each proxy. */
export class EdgeTable {
  private readonly cells = new Map<string, Map<string, string>>();

  constructor(private readonly proxies: readonly string[]) {}

  /** As docs/edge/README.md has it. */
  static committed(): EdgeTable {
    const text = BETWEEN.exec(readFileSync(FILE, 'utf8'))?.[0] ?? '';
    const [head = [], , ...rows] = text.trim().split('\n').map(cellsOf);
    const table = new EdgeTable(head.slice(2));
    for (const [gateway = '', transport = '', ...cells] of rows)
      cells.forEach((cell, index) => table.set(gateway, transport, table.proxies[index] ?? '', cell));
    return table;
  }

  set(gateway: string, transport: string, proxy: string, cell: string): void {
    const row = `${gateway}|${transport}`;
    this.cells.set(row, (this.cells.get(row) ?? new Map<string, string>()).set(proxy, cell));
  }

  /** Without the columns of these. */
  rows(without: readonly string[] = []): Row[] {
    const proxies = this.proxies.filter((proxy) => !without.includes(proxy));
    const rows: Row[] = [];
    for (const [row, cells] of this.cells) {
      const [gateway = '', transport = ''] = row.split('|');
      rows.push([gateway, transport, ...proxies.map((proxy) => cells.get(proxy) ?? '–')]);
    }
    return [['Gateway', 'Transport', ...proxies], ...rows];
  }

  /** Puts it in place of what docs/edge/README.md has. */
  commit(): void {
    const [head, ...rows] = this.rows();
    const lines = [head, head?.map(() => '---'), ...rows].map((cells) => `| ${cells?.join(' | ')} |\n`);
    writeFileSync(FILE, readFileSync(FILE, 'utf8').replace(BETWEEN, lines.join('')));
  }
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
