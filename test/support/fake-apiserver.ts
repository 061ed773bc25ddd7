// A small API server on a real socket: list with pages or as a stream, watch, get, post, put and patch of any resource, and faults on command.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

export interface FakeObject {
  apiVersion?: string;
  kind?: string;
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string; [key: string]: unknown };
  [key: string]: unknown;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** Answers a request in its own way; true when it has (or will have) dealt with it. */
export type Interceptor = (request: SeenRequest, response: ServerResponse) => boolean;

const initialEventsEnd = { 'k8s.io/initial-events-end': 'true' };

interface HistoryEvent {
  readonly version: number;
  readonly collection: string;
  readonly type: string;
  readonly object: unknown;
}

interface Watcher {
  readonly collection: string;
  readonly response: ServerResponse;
}

/**
 * Objects live at `{collection}/{key}`; a collection is the path without the namespace (`/api/v1/pods`), as reflectors ask for it.
 * Versions count up over all collections, as etcd's revisions do.
 */
export class FakeApiServer {
  readonly requests: SeenRequest[] = [];
  /** Asked first, for every request. */
  intercept: Interceptor = () => false;
  /** What it makes of `sendInitialEvents`: does it, refuses it as an API server without the feature does, or takes no notice as one that has never heard of it. */
  streamingLists: 'sends' | 'refuses' | 'ignores' = 'sends';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #objects = new Map<string, Map<string, FakeObject>>();
  readonly #watchers = new Set<Watcher>();
  #history: HistoryEvent[] = [];
  #version = 100;
  #compactedVersion = 0;
  /** Continue tokens are offsets into these snapshots. */
  readonly #snapshots = new Map<string, { readonly version: number; readonly items: FakeObject[] }>();

  constructor(tls?: ServerOptions) {
    const listener: RequestListener = (request, response) => {
      void this.#receive(request, response);
    };
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  get version(): number {
    return this.#version;
  }

  /** Creates or replaces an object and tells the watchers. */
  put(collection: string, object: FakeObject): FakeObject {
    const objects = this.#collection(collection);
    const key = keyOf(object);
    const type = objects.has(key) ? 'MODIFIED' : 'ADDED';
    this.#version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    objects.set(key, stored);
    this.#happened(collection, type, stored);
    return stored;
  }

  remove(collection: string, key: string): void {
    const objects = this.#collection(collection);
    const object = objects.get(key);
    if (object === undefined) return;
    objects.delete(key);
    this.#version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.#happened(collection, 'DELETED', last);
  }

  get(collection: string, key: string): FakeObject | undefined {
    return this.#collection(collection).get(key);
  }

  /** Changes objects without a word to watchers, as if they had missed it. */
  silently(change: () => void): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    change();
    for (const watcher of watchers) this.#watchers.add(watcher);
  }

  /** Tells all watchers of a collection where the history is now. */
  bookmark(collection: string): void {
    this.write(collection, this.#bookmarkLine());
  }

  /** Writes raw bytes to all watchers of a collection. */
  write(collection: string, text: string): void {
    for (const watcher of this.#watchers) if (watcher.collection === collection) watcher.response.write(text);
  }

  /** From now on watches from older versions get 410. */
  compact(): void {
    this.#compactedVersion = this.#version;
    this.#history = [];
    this.#snapshots.clear();
  }

  /** Ends all watches as their time-out would. */
  endWatches(): void {
    for (const { response } of this.#watchers) response.end();
    this.#watchers.clear();
  }

  /** Cuts the connections of all watches. */
  dropWatches(): void {
    for (const { response } of this.#watchers) response.destroy();
    this.#watchers.clear();
  }

  /** Writes the first bytes of the next event to all watchers, then cuts their connections; the event itself is in the history. */
  async cutNextEvent(collection: string, change: () => FakeObject, type: string, bytes: number): Promise<void> {
    const watchers = [...this.#watchers].filter((watcher) => watcher.collection === collection);
    for (const watcher of watchers) this.#watchers.delete(watcher);
    const line = Buffer.from(eventLine(type, change()));
    for (const { response } of watchers) {
      if (bytes > 0) await new Promise((resolve) => response.write(line.subarray(0, bytes), resolve));
      response.destroy();
    }
  }

  kubeConfig(extra: { caData?: string; caFile?: string; token?: string } = {}, scheme = 'http'): KubeConfig {
    const config = new KubeConfig();
    const { token, ...ca } = extra;
    config.loadFromOptions({
      clusters: [
        { name: 'fake', server: `${scheme}://127.0.0.1:${this.port}`, skipTLSVerify: scheme === 'http', ...ca },
      ],
      users: [{ name: 'tester', ...(token === undefined ? {} : { token }) }],
      contexts: [{ name: 'fake', cluster: 'fake', user: 'tester' }],
      currentContext: 'fake',
    });
    return config;
  }

  #bookmarkLine(annotations?: Record<string, string>): string {
    const metadata = { resourceVersion: String(this.#version), creationTimestamp: null, annotations };
    return eventLine('BOOKMARK', { kind: 'Bookmark', metadata });
  }

  #collection(path: string): Map<string, FakeObject> {
    let objects = this.#objects.get(path);
    if (objects === undefined) {
      objects = new Map();
      this.#objects.set(path, objects);
    }
    return objects;
  }

  #happened(collection: string, type: string, object: FakeObject): void {
    this.#history.push({ version: this.#version, collection, type, object });
    this.write(collection, eventLine(type, object));
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://fake');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const request: SeenRequest = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(request);
    if (this.intercept(request, response)) return;
    if (request.query.get('watch') === 'true') this.#watch(request, response);
    else this.#answer(request, response);
  }

  #watch({ path, query }: SeenRequest, response: ServerResponse): void {
    const isStreamingList = query.get('sendInitialEvents') === 'true';
    if (isStreamingList && this.streamingLists === 'refuses') {
      const message =
        'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
      return send(response, 422, status(422, 'Invalid', message));
    }
    const from = query.has('resourceVersion') ? Number(query.get('resourceVersion')) : this.#version;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < this.#compactedVersion) {
      const message = `too old resource version: ${from} (${this.#compactedVersion})`;
      response.end(eventLine('ERROR', status(410, 'Expired', message)));
      return;
    }
    // Without a version a watch begins with all there is, whoever asks for it.
    if (!query.has('resourceVersion')) {
      for (const object of this.#collection(path).values()) response.write(eventLine('ADDED', object));
    }
    if (isStreamingList && this.streamingLists === 'sends') response.write(this.#bookmarkLine(initialEventsEnd));
    for (const event of this.#history) {
      if (event.version > from && event.collection === path) response.write(eventLine(event.type, event.object));
    }
    const watcher = { collection: path, response };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
  }

  #answer(request: SeenRequest, response: ServerResponse): void {
    const { collection, key } = locate(request.path);
    switch (request.method) {
      case 'GET':
        if (key === undefined) return this.#list(collection, request.query, response);
        return this.#one(collection, key, response);
      case 'POST': {
        const object = request.body as FakeObject;
        if (this.get(collection, keyOf(object)) !== undefined) {
          return send(response, 409, status(409, 'AlreadyExists', `"${object.metadata.name}" already exists`));
        }
        return send(response, 201, this.put(collection, object));
      }
      case 'PUT':
        return this.#replace(collection, key ?? '', request.body as FakeObject, response);
      case 'PATCH': {
        const object = this.get(collection, key ?? '');
        if (object === undefined) return this.#one(collection, key ?? '', response);
        return send(response, 200, this.put(collection, { ...object, ...(request.body as object) }));
      }
      default:
        return send(response, 405, status(405, 'MethodNotAllowed', 'no such method here'));
    }
  }

  #replace(collection: string, key: string, object: FakeObject, response: ServerResponse): void {
    const current = this.get(collection, key);
    if (current === undefined) return this.#one(collection, key, response);
    const based = object.metadata.resourceVersion;
    if (based !== undefined && based !== current.metadata.resourceVersion) {
      const message = `Operation cannot be fulfilled on "${key}": the object has been modified; please apply your changes to the latest version and try again`;
      return send(response, 409, status(409, 'Conflict', message));
    }
    return send(response, 200, this.put(collection, object));
  }

  #one(collection: string, key: string, response: ServerResponse): void {
    const object = this.get(collection, key);
    if (object !== undefined) return send(response, 200, object);
    return send(
      response,
      404,
      status(404, 'NotFound', `${collection.split('/').at(-1)} "${key.split('/').at(-1)}" not found`),
    );
  }

  #list(collection: string, query: URLSearchParams, response: ServerResponse): void {
    const [snapshotId = '', offsetText = '0'] = (query.get('continue') ?? '').split(':');
    const snapshot = query.has('continue')
      ? this.#snapshots.get(snapshotId)
      : { version: this.#version, items: [...this.#collection(collection).values()] };
    if (snapshot === undefined) {
      return send(response, 410, status(410, 'Expired', 'The provided continue parameter is too old'));
    }
    const limit = Number(query.get('limit') ?? snapshot.items.length);
    const offset = Number(offsetText);
    const isLast = offset + limit >= snapshot.items.length;
    const id = snapshotId === '' ? `${collection}@${snapshot.version}` : snapshotId;
    if (!isLast) this.#snapshots.set(id, snapshot);
    return send(response, 200, {
      kind: 'List',
      metadata: { resourceVersion: String(snapshot.version), continue: isLast ? '' : `${id}:${offset + limit}` },
      items: snapshot.items.slice(offset, offset + limit),
    });
  }
}

export async function startFakeApiServer(tls?: ServerOptions): Promise<FakeApiServer> {
  return new FakeApiServer(tls).listen();
}

/** A metav1.Status of failure. */
export function status(code: number, reason: string, message: string, details?: object): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, details, code };
}

export function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function eventLine(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function keyOf({ metadata }: FakeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** `/api/v1/namespaces/ns/pods/a` -> collection `/api/v1/pods`, key `ns/a`. Subresources are collections of their own. */
function locate(path: string): { collection: string; key: string | undefined } {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const base = parts.splice(0, parts[0] === 'api' ? 2 : 3);
  const namespace = parts[0] === 'namespaces' && parts.length > 2 ? parts.splice(0, 2)[1] : undefined;
  const [resource = '', name, subresource] = parts;
  const collection = `/${[...base, resource, ...(subresource === undefined ? [] : [subresource])].join('/')}`;
  if (name === undefined) return { collection, key: undefined };
  return { collection, key: namespace === undefined ? name : `${namespace}/${name}` };
}
