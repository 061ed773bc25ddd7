// Sets the machine's clock, as the program sees it: what asks the global Date is told another time.

const RealDate = Date;

/** From now on it is so many milliseconds later, or earlier. Returns a function that puts the clock right again. */
export function setClock(byMs: number): () => void {
  class SetDate extends RealDate {
    constructor(...parts: readonly unknown[]) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- handed on as they came
      super(...((parts.length === 0 ? [SetDate.now()] : parts) as [number]));
    }

    static override now(): number {
      return RealDate.now() + byMs;
    }
  }
  globalThis.Date = SetDate as DateConstructor;
  return () => {
    globalThis.Date = RealDate;
  };
}
