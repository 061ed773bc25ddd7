// Pure, hot: reads one number of an exposition from bytes, to the same double as Go's strconv.ParseFloat.

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const MINUS = 0x2d;
const PLUS = 0x2b;
const UPPER_E = 0x45;
const LOWER_E = 0x65;

/** Powers of ten that a double holds exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Above this, `mantissa * 10 + 9` could exceed 2^53 and be rounded. */
const maxExtendableMantissa = 900_719_925_474_098;

/** The longest number that is read; more digits than any double needs. */
const maxLength = 64;

/**
 * Reads decimal numbers. A class because a number and the place where it ends are two results and a hot path cannot allocate a pair:
 * after `scan`, `end` is the offset of the first byte that does not belong to the number.
 */
export class DecimalScanner {
  end = 0;
  #mantissa = 0;
  #isExact = true;

  /**
   * The number at `at`. NaN for everything that is not a finite decimal number:
   * nothing there, `NaN`, `Inf`, hexadecimal, underscores, a magnitude beyond a double, more than 64 characters.
   */
  scan(bytes: Uint8Array, at: number): number {
    const stop = Math.min(bytes.length, at + maxLength);
    let position = at;
    const isNegative = bytes[position] === MINUS;
    if (isNegative || bytes[position] === PLUS) position++;

    this.#mantissa = 0;
    this.#isExact = true;
    const integerStart = position;
    position = this.#digits(bytes, position, stop);
    let digits = position - integerStart;
    let exponent = 0;
    if (bytes[position] === DOT) {
      const fractionStart = position + 1;
      position = this.#digits(bytes, fractionStart, stop);
      exponent = fractionStart - position;
      digits -= exponent;
    }
    this.end = position;
    if (digits === 0) return Number.NaN;
    if (bytes[position] === LOWER_E || bytes[position] === UPPER_E) {
      const written = this.#exponent(bytes, position + 1, stop);
      if (Number.isNaN(written)) return Number.NaN;
      exponent += written;
    }
    if (this.end >= at + maxLength) return Number.NaN;
    const magnitude = this.#magnitude(bytes, integerStart, exponent);
    return isNegative ? 0 - magnitude : magnitude; // -0 becomes 0
  }

  /** Appends the digits at `at` to the mantissa; returns where they end. */
  #digits(bytes: Uint8Array, at: number, stop: number): number {
    let position = at;
    let mantissa = this.#mantissa;
    for (; position < stop; position++) {
      const digit = (bytes[position] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      if (mantissa > maxExtendableMantissa) this.#isExact = false;
      mantissa = mantissa * 10 + digit;
    }
    this.#mantissa = mantissa;
    return position;
  }

  #exponent(bytes: Uint8Array, at: number, stop: number): number {
    let position = at;
    const isNegative = bytes[position] === MINUS;
    if (isNegative || bytes[position] === PLUS) position++;
    const digitsStart = position;
    let exponent = 0;
    for (; position < stop; position++) {
      const byte = bytes[position] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      exponent = exponent * 10 + (byte - ZERO);
    }
    this.end = position;
    if (position === digitsStart) return Number.NaN;
    return isNegative ? -exponent : exponent;
  }

  /**
   * Fast path: a mantissa up to 2^53 and a power of ten up to 10^22 are both exact doubles, so IEEE division or multiplication of the two is
   * the correctly rounded result. Everything else goes through Number(), which is correctly rounded by specification but allocates.
   */
  #magnitude(bytes: Uint8Array, at: number, exponent: number): number {
    if (this.#isExact && exponent >= -22 && exponent <= 22) {
      const power = powersOfTen[Math.abs(exponent)] ?? Number.NaN;
      return exponent < 0 ? this.#mantissa / power : this.#mantissa * power;
    }
    const value = Number(String.fromCharCode(...bytes.subarray(at, this.end)));
    return Number.isFinite(value) ? value : Number.NaN;
  }
}
