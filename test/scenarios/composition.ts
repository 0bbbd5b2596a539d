import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HUBS, type RunningComposition } from '../support/composition.js';
import { Load } from '../support/load.js';

const TRIGGERS_PER_SECOND = 20;
const SUBSCRIBERS = 9;
/** A health check has an interval of 5 s, and a node takes its time beside other work. */
const READY_WITHIN_MS = 90_000;

interface NodeList {
  readonly items: readonly { readonly nodeId: string; readonly figures: { readonly connections: number } }[];
}

/** What the composition does for those who connect to its one port, and what else is true of it. */
export function describeComposition<Composition extends RunningComposition>(
  how: string,
  startComposition: () => Promise<Composition>,
  startWithinMs: number,
  alsoIts: (composition: () => Composition) => void = () => undefined,
): void {
  describe(`the composition, ${how}`, () => {
    /** What has been started, even if what comes after it could not be. */
    const compositions: Composition[] = [];
    const loads: Load[] = [];
    let composition: Composition;
    let load: Load;

    const nodes = async (): Promise<NodeList['items']> => {
      const response = await fetch(`${composition.url}/v1/nodes`);
      return ((await response.json()) as NodeList).items;
    };
    const isUp = async (hub: string): Promise<boolean> =>
      (await composition.isHealthy(hub)) && (await nodes()).length === HUBS.length;

    beforeAll(async () => {
      composition = await startComposition();
      compositions.push(composition);
    }, startWithinMs);
    afterAll(async () => {
      for (const one of compositions) await one.close();
    }, startWithinMs);

    alsoIts(() => composition);

    beforeEach(async () => {
      load = new Load(composition.url, `composition-${performance.now()}`);
      loads.push(load);
      await load.subscribe(SUBSCRIBERS);
      await load.begin(TRIGGERS_PER_SECOND);
      await load.reach(TRIGGERS_PER_SECOND);
    });
    afterEach(() => {
      for (const one of loads.splice(0)) one.close();
    });

    const expectAllOnce = (): void => {
      const all = Array.from({ length: Math.max(...load.accepted) }, (_, index) => index + 1);
      for (const offsets of load.received) expect(offsets).toEqual(all);
      expect([load.gaps, load.refused]).toEqual([0, []]);
    };

    it('has three hubs, which are well and share the clients', async () => {
      const healths = await Promise.all(HUBS.map(async (hub) => composition.isHealthy(hub)));
      expect(healths).toEqual([true, true, true]);
      // A client that had to come back since is nowhere for a moment.
      await waitFor(
        async () => {
          const connections = (await nodes()).map(({ figures }) => figures.connections);
          return connections.length === HUBS.length && Math.min(...connections) > 0;
        },
        'clients on each hub',
        READY_WITHIN_MS,
      );
      await load.end();
      expectAllOnce();
    });

    it('loses nothing and doubles nothing when a hub is killed, which comes back', async () => {
      await composition.kill('hub-2');
      await waitFor(() => load.lostAt.length > 0, 'a client that noticed');
      await load.reach(load.accepted.length + TRIGGERS_PER_SECOND);
      expect(await composition.isHealthy('hub-2')).toBe(false);
      await composition.start('hub-2');
      await waitFor(async () => isUp('hub-2'), 'the hub to be back', READY_WITHIN_MS);
      await load.reach(load.accepted.length + TRIGGERS_PER_SECOND);
      await load.end();
      expectAllOnce();
    });

    it('loses nothing and doubles nothing when a hub is asked to end, which it does by itself', async () => {
      expect(await composition.stop('hub-3')).toBe(0);
      await load.reach(load.accepted.length + TRIGGERS_PER_SECOND);
      await composition.start('hub-3');
      await waitFor(async () => isUp('hub-3'), 'the hub to be back', READY_WITHIN_MS);
      await load.end();
      expectAllOnce();
    });
  });
}
