import { Hub } from '@ringback/core';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { request, type IncomingHttpHeaders, type Server } from 'node:http';
import { httpAdapterOptions } from '@ringback/http-kit';
import { OperatorApiModule } from '@ringback/operator-api';
import { configureHttp } from '../configure-http.js';
import type { HttpConfig } from '../http.config.js';
import { HttpGatewayModule } from '../http.module.js';

/** The HTTP gateway on a free port, wired as apps wire it. */
export interface ServedHub {
  readonly url: string;
  readonly port: number;
  /** All there are, as `GET /path/:parameter`. */
  readonly routes: readonly string[];
  readonly server: Server;
  close(): Promise<void>;
}

/** Stands where an app has its module with `Hub`. */
@Module({})
class CoreModule {}

/** Stands where an app has its root module. */
@Module({})
class RootModule {}

export async function serveHttp(
  hub: Hub,
  config: HttpConfig = {},
  options: object = httpAdapterOptions(),
): Promise<ServedHub> {
  const core = {
    module: CoreModule,
    global: true,
    providers: [{ provide: Hub, useValue: hub }],
    exports: [Hub],
  };
  const root = { module: RootModule, imports: [core, HttpGatewayModule.forRoot(config), OperatorApiModule] };
  const adapter = new FastifyAdapter(options);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, { logger: false });
  const routes: string[] = [];
  adapter.getInstance().addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) routes.push(`${name} ${url}`);
  });
  configureHttp(app);
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace(/\/$/, '');
  const server = app.getHttpServer();
  return { url, port: Number(new URL(url).port), routes, server, close: () => app.close() };
}

/** An answer as it came, to a request whose path no URL parser has tidied. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function rawRequest(
  { port }: ServedHub,
  method: string,
  path: string,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  body?: string | Uint8Array,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: headers as Record<string, string>,
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.end(body);
  });
}
