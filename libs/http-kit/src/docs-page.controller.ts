import { HubError } from '@ringback/contract';
import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';

/** What the page needs of swagger-ui, which comes with @nestjs/swagger. */
const FILES = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
]);

const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>Ringback: HTTP</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="./docs/swagger-ui.css">
  <div id="api"></div>
  <script src="./docs/swagger-ui-bundle.js"></script>
  <script src="./docs/start.js"></script>
</html>`;

// The validator would be a server on the internet.
const START = `SwaggerUIBundle({ url: './docs-json', dom_id: '#api', deepLinking: true, validatorUrl: 'none' });`;

/** Shows the OpenAPI description to people. All it loads comes from this node: many a hub has no way to the internet. */
@ApiExcludeController()
@Controller('docs')
export class DocsPageController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): string {
    return PAGE;
  }

  @Get('start.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  start(): string {
    return START;
  }

  @Get(':file')
  file(@Param('file') name: string): StreamableFile {
    const type = FILES.get(name);
    if (type === undefined) throw new HubError('not-found', 'There is no such path.');
    return new StreamableFile(createReadStream(pathOf(name)), { type });
  }
}

function pathOf(name: string): string {
  const swagger = createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));
  return swagger.resolve(`swagger-ui-dist/${name}`);
}
