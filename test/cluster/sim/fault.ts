// Types and checks of what can be wrong with a simulated kubelet. One fault at a time per node; none means healthy.

export type Fault =
  /** Every connection is reset, also those that are open. (With one listener for all nodes nothing can be refused earlier.) */
  | { readonly kind: 'reset' }
  /** The request is read and never answered. */
  | { readonly kind: 'hang' }
  /** Status and half of the body arrive, then nothing more. */
  | { readonly kind: 'hang-in-body' }
  /** Answers this status with a short text. */
  | { readonly kind: 'status'; readonly code: number }
  /** 200 with a page of HTML, as a login proxy would. */
  | { readonly kind: 'html' }
  /** 200 with bytes that are no text at all. */
  | { readonly kind: 'garbage'; readonly bytes: number }
  /** Half of the announced body, then the connection closes. */
  | { readonly kind: 'truncated' }
  /** The real body followed by well-formed lines without end. */
  | { readonly kind: 'endless' }
  /** The real body and then well-formed lines up to this size. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** The real body, this many bytes each second. */
  | { readonly kind: 'drip'; readonly bytesPerSecond: number }
  /** TLS with a certificate of an unknown authority and for another name. */
  | { readonly kind: 'wrong-certificate' }
  /** Samples carry no timestamps, as kwok's. */
  | { readonly kind: 'no-timestamps' }
  /** The kubelet could not get its statistics: resource_scrape_error 1 and nothing else. */
  | { readonly kind: 'scrape-error' }
  /** The samples are not refreshed any more. */
  | { readonly kind: 'frozen' }
  /** The Node object has no address; the kubelet answers still. */
  | { readonly kind: 'no-address' };

export type FaultKind = Fault['kind'];

type NumberField = 'code' | 'bytes' | 'bytesPerSecond';

/** Every kind with the number it needs, if any. */
const fields: Readonly<Record<FaultKind, NumberField | undefined>> = {
  reset: undefined,
  hang: undefined,
  'hang-in-body': undefined,
  status: 'code',
  html: undefined,
  garbage: 'bytes',
  truncated: undefined,
  endless: undefined,
  huge: 'bytes',
  drip: 'bytesPerSecond',
  'wrong-certificate': undefined,
  'no-timestamps': undefined,
  'scrape-error': undefined,
  frozen: undefined,
  'no-address': undefined,
};

/** A fault from parsed JSON. Throws a RangeError that says what is wrong. */
export function parseFault(value: unknown): Fault {
  const object: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  const { kind } = object;
  if (typeof kind !== 'string' || !Object.hasOwn(fields, kind)) {
    throw new RangeError(`a fault needs a kind, one of ${Object.keys(fields).join(', ')}`);
  }
  const field = fields[kind as FaultKind];
  if (field === undefined) return { kind } as Fault;
  const number = object[field];
  if (typeof number !== 'number' || !(number > 0)) throw new RangeError(`fault ${kind} needs a positive ${field}`);
  return { kind, [field]: number } as unknown as Fault;
}
