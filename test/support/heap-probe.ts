import { waitFor } from '@ringback/conformance';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const LOADED = pathToFileURL(join(import.meta.dirname, 'heap-on-demand.mjs')).href;

/** Finds what nodes hold in memory that is no garbage. */
export class HeapProbe {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ringback-heap-'));

  /** For the environment of the nodes. */
  readonly env = { NODE_OPTIONS: `--import=${LOADED}`, HEAP_FOLDER: this.folder };

  /** In bytes. */
  async bytesOf(pid: number): Promise<number> {
    const file = join(this.folder, String(pid));
    rmSync(file, { force: true });
    process.kill(pid, 'SIGUSR2');
    await waitFor(() => existsSync(file), 'the heap', 10_000);
    return Number(readFileSync(file, 'utf8'));
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}
