/** A promise that is settled from outside. Only the first call of `resolve` or `reject` counts. */
export class Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value | PromiseLike<Value>) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
