import { describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { NodeServices, type NodeService } from './node-services.js';
import { deferred } from './testing/replaced.js';

describe('NodeServices', () => {
  const events: string[] = [];
  const log = new RecordingLog();

  function service(name: string, fault?: { start?: Error; stop?: Error }): NodeService {
    return {
      start: async () => {
        if (fault?.start) throw fault.start;
        events.push(`${name} started`);
      },
      stop: async () => {
        if (fault?.stop) throw fault.stop;
        events.push(`${name} stopped`);
      },
    };
  }

  it('starts services in order and stops them once, whichever of them fails', async () => {
    events.length = 0;
    const services = new NodeServices(log);
    services.add(service('a', { stop: new Error('stuck') }));
    services.add(service('b'));
    await services.start();
    await services.stop();
    await services.stop();
    expect(events).toEqual(['a started', 'b started', 'b stopped']);
    expect(log.lines.map(({ message }) => message)).toEqual(['service not stopped']);
  });

  it('stops only what was started', async () => {
    events.length = 0;
    const services = new NodeServices(log);
    services.add(service('a'));
    services.add(service('b', { start: new Error('no port') }));
    await expect(services.start()).rejects.toThrow('no port');
    await services.stop();
    expect(events).toEqual(['a started', 'a stopped']);
  });

  it('stops one that is still starting once it has started, and starts none behind it', async () => {
    events.length = 0;
    const services = new NodeServices(log);
    const starting = deferred();
    services.add({ ...service('a'), start: () => starting.promise });
    services.add(service('b'));
    const started = services.start();
    await services.stop();
    expect(events).toEqual([]);
    starting.resolve();
    await started;
    expect(events).toEqual(['a stopped']);
  });
});
