import { HubError } from '@ringback/contract';
import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { ProtocolDefinition } from '@ringback/gateway-kit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EdgeConfig } from './config.js';

/** Scripts by their names below `/page/`; `client.mjs` is what the page connects with. */
export type PageFiles = ReadonlyMap<string, string>;

/** Under this token stand the `PageFiles`. */
export const PAGE_FILES = Symbol('PageFiles');

/** Nothing from elsewhere, nothing inline; `ws:` for browsers whose 'self' does not mean WebSockets. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const CACHE = 'no-cache';

/** The page at `/`, on which a person subscribes and triggers. */
@ApiExcludeController()
@Controller()
export class PageController {
  private readonly html = pageFile('index.html');
  private readonly css = pageFile('page.css');
  private readonly js = pageFile('page.mjs');

  constructor(@Inject(PAGE_FILES) private readonly files: PageFiles) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  @Header('cache-control', CACHE)
  index(): string {
    return this.html;
  }

  @Get('page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', CACHE)
  style(): string {
    return this.css;
  }

  @Get('page.mjs')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', CACHE)
  script(): string {
    return this.js;
  }

  @Get('page/:file')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', CACHE)
  file(@Param('file') name: string): string {
    const text = this.files.get(name);
    if (text === undefined) throw new HubError('not-found', 'There is no such path.');
    return text;
  }
}

/** What the page needs to speak the first protocol of the list that browsers can speak; nothing if there is none. */
export function pageFilesOf(protocols: readonly EdgeConfig<ProtocolDefinition>[]): PageFiles {
  for (const { definition, values } of protocols) {
    const files = definition.pageClient?.(values);
    if (files) return files;
  }
  return new Map();
}

function pageFile(name: string): string {
  return readFileSync(join(import.meta.dirname, 'page', name), 'utf8');
}
