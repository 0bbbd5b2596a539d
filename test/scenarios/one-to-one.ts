import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { subscriptions, trigger } from '../support/http.js';
import type { World } from '../support/world.js';

/** MDriven's second use case: a document is posted to a converting service with a fresh guid, which rings once when it is done. */
export function describeOneToOne(world: () => World): void {
  describe('one-to-one', () => {
    let converter: Server;
    let converterUrl: string;

    beforeAll(async () => {
      converter = convertingService(() => world().node(2).url);
      await new Promise<void>((listening) => converter.listen(0, '127.0.0.1', listening));
      converterUrl = `http://127.0.0.1:${(converter.address() as AddressInfo).port}`;
    });
    afterAll(() => new Promise((closed) => converter.close(closed)));
    afterEach(() => world().closeClients());

    it('rings the requester once; a second trigger reaches nobody, and nothing is stored', async () => {
      const requester = await world().client();
      const eventguid = randomUUID();
      await requester.subscribe(eventguid, 'Viewmodel=FetchPdf&RootId=4711');
      expect(await subscriptions(world().node(1).url, eventguid)).toHaveLength(1);

      await fetch(converterUrl, { method: 'POST', headers: { 'x-done': eventguid }, body: 'a document' });

      const [delivery] = await requester.hears(eventguid);
      expect(delivery).toMatchObject({ cookie: 'Viewmodel=FetchPdf&RootId=4711', data: 'A DOCUMENT' });
      expect(delivery?.meta.ended).toBe(true);
      expect(await subscriptions(world().node(1).url, eventguid)).toEqual([]);

      expect(await trigger(world().url, eventguid)).toMatchObject({ subscribers: 0 });
      const probe = `${eventguid}-probe`;
      await requester.subscribe(probe, 'probe');
      await trigger(world().url, probe);
      await requester.hears(probe);
      expect(requester.of(eventguid)).toHaveLength(1);
    });
  });
}

/** Converts whatever is posted, afterwards triggers the guid that the request names, once. */
function convertingService(hubUrl: () => string): Server {
  return createServer((request, response) => {
    const eventguid = String(request.headers['x-done']);
    text(request)
      .then(async (document) => {
        response.writeHead(202).end();
        await trigger(hubUrl(), eventguid, { data: document.toUpperCase(), removeAfterSend: true });
      })
      .catch((error: unknown) => response.destroy(error as Error));
  });
}
