// Pure: values of the flags of commands that developers run.

/** The value of a flag that is a number of things. Throws RangeError. */
export function wholeNumber(text: string, flag: string, least: number, most = 1_000_000): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${flag} must be a whole number from ${least} to ${most}, not ${text}`);
  }
  return value;
}
