// Types only: how the rest of the program talks to the API server.

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path without query: `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`; patches give theirs. */
  readonly contentType?: string | undefined;
  /** Default `application/json`. */
  readonly accept?: string | undefined;
  /** `request` only: what the body of the answer becomes; JSON.parse by default. Its HeadroomErrors are thrown as they are. */
  readonly decode?: ((body: Uint8Array, contentType: string | undefined) => unknown) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** `request`: time for the whole exchange, retries included. `stream`: time until the first byte of the answer. Default 30 s. */
  readonly deadlineMs?: number | undefined;
  /** `stream` only: the connection is given up when no byte arrives for this long. Default: never. */
  readonly idleTimeoutMs?: number | undefined;
  /** Not counted by the client's rate limit: watches, and the pages of a list after the first. */
  readonly unthrottled?: boolean | undefined;
  /** Its token was taken from the client's budget beforehand; should it have to be sent again, that costs another. */
  readonly isPrepaid?: boolean | undefined;
  /** Default `read` for GET, else `write`. */
  readonly priority?: Priority | undefined;
}

/** Who goes before whom while requests wait for the rate limit. Everybody gets a share. */
export type Priority = 'urgent' | 'write' | 'read';

/** What a client may still send within its rate limit. */
export interface RequestBudget {
  /** Nobody waits, and half of the burst is there: what is sent now takes nothing from anybody. */
  readonly hasRoom: boolean;
  /** Takes so many tokens, if they are there and nobody waits. The requests that they pay for say `isPrepaid`. */
  tryAcquire(tokens: number): boolean;
  /** Waits for so many tokens, one when not given. Rejects when the signal aborts first. */
  acquire(priority: Priority, signal: AbortSignal, tokens?: number): Promise<void>;
  /** Tokens that were taken and not used. */
  giveBack(tokens: number): void;
}

/** A connection to the API server: authentication, TLS, rate limit and errors in one place. */
export interface ApiClient {
  /** The answer, parsed or decoded. Throws ApiStatusError for a Status of failure, HeadroomError API_REQUEST_FAILED when nothing answered. */
  request<T>(request: ApiRequest): Promise<T>;
  /** The body as it arrives, for watches. Throws like `request` when the answer is not 200. */
  stream(request: ApiRequest): Promise<ApiStream>;
}

/** A body as it arrives. */
export interface ApiStream extends AsyncIterable<Uint8Array> {
  readonly contentType?: string | undefined;
}

/** Read side of a reflector's cache. Keys are `namespace/name`. */
export interface Lister<T> {
  get(key: string): T | undefined;
  /** Every object, or those of one namespace. */
  list(namespace?: string): Iterable<T>;
  readonly size: number;
  readonly hasSynced: boolean;
}

export type ChangeKind = 'added' | 'updated' | 'deleted';
export type ChangeListener<T> = (kind: ChangeKind, object: T, previous: T | undefined) => void;

/** An event to be recorded (core/v1 Event). Built by pure functions, published by one recorder. */
export interface EventView {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

export interface EventRecorder {
  /** Never throws, never waits: events are posted in the background, identical ones are counted, floods are dropped. */
  publish(event: EventView): void;
}
