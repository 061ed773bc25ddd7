// One error class for the whole program, and its codes. docs/errors.md lists them; a test holds the two together.

/** Every code a HeadroomError may carry, with what it means. Codes are never reused. */
export const errorCodes = {
  CONFIG_INVALID: 'flags, kubeconfig or files given to the program are wrong; nothing was started',
  API_REQUEST_FAILED: 'the API server could not be reached, or the connection broke',
  API_STATUS: 'the API server answered with a Status of failure',
  KIND_UNKNOWN: 'the API server serves no resource of that kind and group',
  KUBELET_REQUEST: 'a kubelet could not be scraped: connection, TLS, time-out or HTTP status',
  KUBELET_BODY: 'a kubelet answered something that is not the resource metrics exposition',
  SERVING: 'the Metrics API could not be served: port, certificate or trust roots',
  OBJECT_INVALID: 'an object from the API server lacks what it must have; it was skipped',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/**
 * A failure of an effect. `message` is a sentence with the object's name; `cause` is what happened below.
 * Outcomes that are part of the job (a metric is missing, a node is not ready) are values, never errors.
 */
export class HeadroomError extends Error {
  override readonly name: string = 'HeadroomError';
  readonly code: ErrorCode;
  /** True when trying again later, with nothing changed, may succeed. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? true;
  }
}

/** The text of anything thrown: an error's message, or the value as a string. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
