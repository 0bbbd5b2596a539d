import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { OtherClients } from './other-clients.js';

let clients: OtherClients;
beforeAll(async () => {
  clients = await OtherClients.start();
});
afterEach(() => clients.cut());
afterAll(async () => clients.server.close());

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
describe('MessagePack as other clients write it', () => {
  const handshake = '{"protocol":"messagepack","version":1}\u001e';
  const ready = '7b7d1e';

  it('has its handshake in either kind of frame, maybe with the first call', async () => {
    const echo = hex('0e 96 01 80 a1 31 a4 45 63 68 6f 91 a1 61 90');
    const socket = await clients.open();
    socket.send(Buffer.concat([Buffer.from(handshake), echo]));
    expect(await socket.hex('03a161')).toBe(`${ready}08950380a13103a161`);
    expect(socket.frames.every(({ isBinary }) => isBinary)).toBe(true);
  });

  it.each([
    ['5 elements', '0d 95 01 80 a1 31 a4 45 63 68 6f 91 a1 61'],
    ['headers', '14 96 01 81 a1 6b a3 76 61 6c a1 31 a4 45 63 68 6f 91 a1 61 90'],
    ['more elements than are known', '0f 97 01 80 a1 31 a4 45 63 68 6f 91 a1 61 90 c0'],
    [
      'long forms of everything',
      '1c dc 00 06 d1 00 01 de 00 00 d9 01 31 da 00 04 45 63 68 6f dc 00 01 d9 01 61 dc 00 00',
    ],
    ['a length in 5 bytes', '8e 80 80 80 00 96 01 80 a1 31 a4 45 63 68 6f 91 a1 61 90'],
  ])('may have %s', async (_title, message) => {
    const socket = await clients.open();
    socket.send(handshake);
    await socket.hex(ready);
    socket.send(hex(message));
    expect(await socket.hex('03a161')).toBe(`${ready}08950380a13103a161`);
  });

  it('has pings and a Close of either length', async () => {
    for (const close of ['03 92 07 c0', '04 93 07 c0 c2', '04 93 07 c0 c3']) {
      const socket = await clients.open();
      socket.send(handshake);
      await socket.hex(ready);
      socket.send(hex(`02 91 06 ${close}`));
      expect(await socket.hex('9307c0c2')).toBe(`${ready}049307c0c2`);
      expect((await socket.end())[0]).toBe(1000);
    }
  });

  it.each([
    ['a small integer', '08 95 03 80 a2 73 31 03 0a', '10'],
    ['a long integer', '10 95 03 80 a2 73 31 03 d3 00 00 00 00 00 00 00 0a', '10'],
    ['nil', '08 95 03 80 a2 73 31 03 c0', 'null'],
    ['an error', '0a 95 03 80 a2 73 31 01 a2 6e 6f', 'no'],
  ])('answers a question with %s', async (_title, answer, told) => {
    const socket = await clients.open();
    const call = [hex('1d 96 01 80 a1 31 b5'), Buffer.from('GetCallerConnectionId'), hex('90 90')];
    socket.send(Buffer.concat([Buffer.from(handshake), ...call]));
    const result = await socket.bytes(3 + 30);
    const asked = fetch(`${clients.server.httpUrl}/clientresult/${result.subarray(-22).toString()}`);
    await socket.hex('0f960180a27331a6526573756c749090');
    socket.send(hex(answer));
    expect(await (await asked).text()).toBe(told);
  });

  it.each([
    ['seconds', 'd6 ff 3c a8 33 ff'],
    ['milliseconds', 'd7 ff 1d 53 53 00 3c a8 33 ff'],
    ['what lies before 1970', 'c7 0c ff 00 00 00 00 ff ff ff ff ff ff ff ff'],
  ])('has dates of %s', async (_title, date) => {
    const object = Buffer.concat([hex('81 a8'), Buffer.from('DateTime'), hex(date)]);
    const target = Buffer.from('EchoComplexObject');
    const framed = (...parts: Buffer[]): Buffer => {
      const body = Buffer.concat(parts);
      return Buffer.concat([Buffer.of(body.length), body]);
    };
    const socket = await clients.open();
    socket.send(handshake);
    socket.send(framed(hex('96 01 80 a1 31 b1'), target, hex('91'), object, hex('90')));
    const answer = framed(hex('95 03 80 a1 31 03'), object).toString('hex');
    expect(await socket.hex(object.toString('hex'))).toBe(ready + answer);
  });

  it('tells clients whose server stops that they may come back', async () => {
    const stopping = await OtherClients.start();
    const [json, packed] = [await stopping.open(), await stopping.open()];
    json.send('{"protocol":"json","version":1}\u001e');
    packed.send(handshake);
    await Promise.all([json.text('{}\u001e'), packed.hex(ready)]);
    await stopping.server.close();
    expect(await json.text('"type":7')).toBe('{}\u001e{"type":7,"allowReconnect":true}\u001e');
    expect(await packed.hex('c3')).toBe(`${ready}049307c0c3`);
    expect([await json.end(), await packed.end()]).toEqual([
      [1000, ''],
      [1000, ''],
    ]);
  });
});
