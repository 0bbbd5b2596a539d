// Loaded into a node that is looked at: at each SIGUSR2 it clears what is garbage and writes what is left, in bytes, to a file of its process in HEAP_FOLDER.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = /** @type {() => void} */ (runInNewContext('gc'));
const file = join(process.env['HEAP_FOLDER'] ?? '', String(process.pid));

process.on('SIGUSR2', () => {
  for (let times = 0; times < 3; times++) collect(); // what finalizers have let go, too
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(`${file}.new`, String(heapUsed + external));
  renameSync(`${file}.new`, file);
});
