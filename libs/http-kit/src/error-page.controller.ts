import { ERROR_CODES, type ErrorCodeEntry } from '@ringback/contract';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HTTP_ERRORS } from './http-errors.js';
import { ERROR_PAGE } from './problem-details.js';

/** The page that the `type` of every problem points to. */
@ApiExcludeController()
@Controller(ERROR_PAGE)
export class ErrorPageController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): string {
    const entries = Object.entries(ERROR_CODES).map(([code, entry]) =>
      section(code as keyof typeof ERROR_CODES, entry),
    );
    return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Ringback: errors</title><h1>Errors</h1>${entries.join('')}</html>`;
  }
}

function section(code: keyof typeof ERROR_CODES, { meaning, advice, temporary }: ErrorCodeEntry): string {
  const retry = temporary
    ? 'The same request may succeed later.'
    : 'The same request will not succeed later.';
  return `<h2 id="${code}">${code} (${HTTP_ERRORS[code].status})</h2><p>${meaning}</p><p>${advice} ${retry}</p>`;
}
