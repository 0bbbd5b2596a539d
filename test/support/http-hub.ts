import { expect } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DEFAULT_LIMITS, type Limits } from '@ringback/contract';
import { Hub, type Connection, type HubPorts } from '@ringback/core';
import { AccessLog, configureHttp, httpAdapterOptions, type HttpServerConfig } from '@ringback/http-kit';
import { CountingMetrics, MemoryCluster, OpenAccess, RecordingLog, SystemClock } from '@ringback/memory';
import { request, type IncomingHttpHeaders, type Server } from 'node:http';

/** A hub in memory, served over HTTP on a free port, wired as apps wire it. */
export interface HttpHub {
  readonly hub: Hub;
  readonly log: RecordingLog;
  readonly served: ServedHttp;
  readonly call: (method: string, path: string, init?: Omit<RequestInit, 'method'>) => Promise<JsonResponse>;
  close(): Promise<void>;
}

interface ServedHttp {
  readonly url: string;
  readonly port: number;
  /** All there are, as `GET /path/:parameter`. */
  readonly routes: readonly string[];
  readonly server: Server;
  close(): Promise<void>;
}

export interface HttpHubOptions {
  /** What is served. */
  readonly modules: readonly Type[];
  readonly config?: HttpServerConfig;
  readonly ports?: Partial<HubPorts>;
  readonly limits?: Partial<Limits>;
  readonly adapter?: object;
}

/** A response whose body, if any, was JSON. */
export interface JsonResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Stands where an app has its module with `Hub`. */
@Module({})
class CoreModule {}

/** Stands where an app has its root module. */
@Module({})
class RootModule {}

export async function startHttpHub(options: HttpHubOptions): Promise<HttpHub> {
  const log = new RecordingLog();
  const hub = buildHub(log, options);
  await hub.start();
  const served = await serveHttp(hub, options, new AccessLog({ log, ratio: 0 }));
  const close = async (): Promise<void> => {
    await served.close();
    await hub.drain();
  };
  const call: HttpHub['call'] = async (method, path, init) =>
    jsonResponse(await fetch(served.url + path, { ...init, method }));
  return { hub, log, served, call, close };
}

function buildHub(log: RecordingLog, { ports, limits }: HttpHubOptions): Hub {
  const doubles = {
    ...new MemoryCluster().node(),
    access: new OpenAccess(),
    clock: new SystemClock(),
    metrics: new CountingMetrics(),
  };
  return new Hub(
    { ...doubles, log, ...ports },
    {
      nodeId: 'n1',
      address: 'http://10.0.0.7:3000',
      version: '0.1.0',
      limits: { ...DEFAULT_LIMITS, ...limits },
      leaseMs: 30_000,
    },
  );
}

async function serveHttp(
  hub: Hub,
  { modules, config, adapter }: HttpHubOptions,
  access: AccessLog,
): Promise<ServedHttp> {
  const providers = [
    { provide: Hub, useValue: hub },
    { provide: AccessLog, useValue: access },
  ];
  const core = { module: CoreModule, global: true, providers, exports: [Hub, AccessLog] };
  const root = { module: RootModule, imports: [core, ...modules] };
  const fastify = new FastifyAdapter(adapter ?? httpAdapterOptions());
  const app = await NestFactory.create<NestFastifyApplication>(root, fastify, { logger: false });
  const routes: string[] = [];
  fastify.getInstance().addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) routes.push(`${name} ${url}`);
  });
  configureHttp(app, hub, { access, ...config });
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace(/\/$/, '');
  const server = app.getHttpServer();
  return { url, port: Number(new URL(url).port), routes, server, close: () => app.close() };
}

async function jsonResponse(response: Response): Promise<JsonResponse> {
  const text = await response.text();
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, body };
}

/** Status and body of a refusal, to compare with. */
export const problem = (status: number, code: string) => ({
  status,
  body: { status, code, type: `/docs/errors#${code}`, title: expect.any(String), detail: expect.any(String) },
});

/** A connection that keeps what it is sent. */
export function recordingConnection(connectionId: string): Connection & { readonly received: string[] } {
  const received: string[] = [];
  return {
    connectionId,
    gateway: 'double',
    bufferedBytes: 0,
    received,
    codec: {
      name: 'double',
      encodeCookie: (cookie) => cookie,
      prepare:
        ({ data }) =>
        (cookie) =>
          `${cookie} ${String(data)}`,
    },
    send: (frames) => received.push(...frames),
    close: () => undefined,
  };
}

/** A response as it came, to a request whose path no URL parser has tidied. */
export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function rawRequest(
  { port }: { readonly port: number },
  method: string,
  path: string,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  body?: string | Uint8Array,
): Promise<RawResponse> {
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
