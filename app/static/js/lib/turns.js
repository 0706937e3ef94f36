// @ts-check
/* One thing after the other, in the order in which they came. */

export class Turns {
  constructor() {
    this.last = Promise.resolve();
  }

  /** After all that came before. Its failure is the caller's; what comes next goes on. @template T @param {() => Promise<T>} work */
  take(work) {
    const done = this.last.then(work);
    this.last = done.then(() => undefined, () => undefined);
    return done;
  }
}
