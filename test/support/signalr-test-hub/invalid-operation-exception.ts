/** Has the name of a .NET exception, which the vendor's suite expects in error texts. */
export class InvalidOperationException extends Error {
  override readonly name = 'InvalidOperationException';
}
