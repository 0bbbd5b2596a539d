import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Under this token stands the path of the Socket.IO gateway. */
export const SOCKETIO_PATH = Symbol('SocketIoPath');

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

/** As it stands in the file. */
const PATH_ATTRIBUTE = 'data-socketio-path="/socket.io"';

/** The page at `/`, on which a person subscribes and triggers. */
@ApiExcludeController()
@Controller()
export class PageController {
  private readonly html: string;
  private readonly css = pageFile('page.css');
  private readonly js = pageFile('page.mjs');
  private readonly socketIo = socketIoClient();

  constructor(@Inject(SOCKETIO_PATH) path: string) {
    this.html = pageFile('index.html').replace(PATH_ATTRIBUTE, `data-socketio-path="${path}"`);
  }

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

  @Get('page/socket.io.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', CACHE)
  client(): string {
    return this.socketIo;
  }
}

function pageFile(name: string): string {
  return readFileSync(join(import.meta.dirname, 'page', name), 'utf8');
}

/** The client of the version that the server speaks, from its package. */
function socketIoClient(): string {
  const main = createRequire(import.meta.url).resolve('socket.io-client/dist/socket.io.js');
  return readFileSync(join(dirname(main), 'socket.io.min.js'), 'utf8');
}
