import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { TokenGrant } from '@ringback/access-token';
import type { Log } from '@ringback/core';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';

/** How often it is looked at: a notification of the system would not come through every kind of mount. */
const POLL_MS = 1_000;

/** A file with the list of access tokens. */
export interface TokenFile {
  readonly path: string;
  /** Reads it now. Throws `StartupError`, which shows nothing of its content. */
  readonly read: () => readonly TokenGrant[];
}

/** Reads the list of access tokens again within about a second of each change of its file. */
export class AccessTokenFile implements OnModuleInit, OnModuleDestroy {
  private digest: string;
  /** What tells one state of the file from another; empty until it was looked at. */
  private state = '';
  private timer: NodeJS.Timeout | undefined;

  /** `current` is the list that counts now. */
  constructor(
    private readonly file: TokenFile,
    current: readonly TokenGrant[],
    private readonly replace: (grants: readonly TokenGrant[]) => void,
    private readonly log: Log,
  ) {
    this.digest = digestOf(current);
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.look(), POLL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    stat(this.file.path, { bigint: true }).then(
      ({ ino, mtimeNs, size }) => this.see(`${ino} ${mtimeNs} ${size}`),
      () => this.see('gone'),
    );
  }

  /** What is wrong is said once, and not with every look. */
  private see(state: string): void {
    if (state === this.state) return;
    this.state = state;
    this.reload();
  }

  /** A list with a mistake, or none at all, changes nothing: a hub that lost its list would let in nobody. */
  private reload(): void {
    const { path } = this.file;
    try {
      const grants = this.file.read();
      if (digestOf(grants) === this.digest) return;
      this.replace(grants);
      this.digest = digestOf(grants);
      this.log.info('access tokens read again', { path, tokens: grants.length });
    } catch (error) {
      this.log.error('access tokens not read again: the list from before still counts', { path, error });
    }
  }
}

function digestOf(grants: readonly TokenGrant[]): string {
  return createHash('sha256').update(JSON.stringify(grants)).digest('base64');
}
