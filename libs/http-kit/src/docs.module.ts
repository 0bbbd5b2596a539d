import { Module } from '@nestjs/common';
import { DocsPageController } from './docs-page.controller.js';
import { ErrorPageController } from './error-page.controller.js';

/** The page that explains the error codes; every problem refers to it. */
@Module({ controllers: [ErrorPageController] })
export class ErrorPageModule {}

/** The page that shows what `serveApiDescription` serves. */
@Module({ controllers: [DocsPageController] })
export class DocsPageModule {}
