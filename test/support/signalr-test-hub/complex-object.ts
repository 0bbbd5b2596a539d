/** One value of each type that the two protocols write differently. */
export interface ComplexObject {
  readonly ByteArray: Uint8Array;
  readonly DateTime: Date | string;
  readonly Guid: string;
  readonly IntArray: readonly number[];
  readonly String: string;
}

/** Dates as .NET writes them: in MessagePack they have a type of their own, in JSON no fraction when it is zero. */
export const sendComplexObject = (protocol: string): ComplexObject => ({
  ByteArray: Uint8Array.of(1, 2, 3),
  DateTime: protocol === 'messagepack' ? new Date('2000-01-01T00:00:00Z') : '2000-01-01T00:00:00Z',
  Guid: '00010203-0405-0607-0706-050403020100',
  IntArray: [1, 2, 3],
  String: 'hello world',
});
