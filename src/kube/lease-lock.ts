// Edge: reads and writes one coordination.k8s.io/v1 Lease.
import { formatTimeMicros, parseTimeMs } from '../lib/time.ts';
import { isAlreadyExists, isConflict, isNotFound } from './api-status-error.ts';
import { fieldsOf, numberOf, textOf } from './raw-object.ts';
import type { ApiClient } from './types.ts';

/** spec of a Lease. */
export interface LeaseRecord {
  /** '' when nobody holds it. */
  readonly holder: string;
  readonly durationSeconds: number;
  /** Wall-clock times of the holder; for people, never compared with ours. */
  readonly acquiredAtMs: number;
  readonly renewedAtMs: number;
  /** How often the holder changed. */
  readonly transitions: number;
}

export interface LeaseLockOptions {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly name: string;
  /** For each request. */
  readonly deadlineMs: number;
}

/** Remembers the object that it last read or wrote; a write succeeds only if nobody has changed that since. */
export class LeaseLock {
  readonly #options: LeaseLockOptions;
  #lease: unknown;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
  }

  /** undefined when there is no such Lease. */
  async read(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const { client, name, deadlineMs } = this.#options;
    try {
      const path = `${this.#collection()}/${encodeURIComponent(name)}`;
      this.#lease = await client.request({ method: 'GET', path, signal, deadlineMs });
      return recordOf(this.#lease);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#lease = undefined;
      return undefined;
    }
  }

  /** Creates or replaces the Lease; false when somebody else did so since we last looked. */
  async write(record: LeaseRecord, signal: AbortSignal): Promise<boolean> {
    const { client, name, namespace, deadlineMs } = this.#options;
    const isNew = this.#lease === undefined;
    const metadata = isNew ? { name, namespace } : fieldsOf(this.#lease)['metadata'];
    const spec = { ...fieldsOf(fieldsOf(this.#lease)['spec']), ...specOf(record) };
    try {
      this.#lease = await client.request({
        method: isNew ? 'POST' : 'PUT',
        path: isNew ? this.#collection() : `${this.#collection()}/${encodeURIComponent(name)}`,
        body: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec },
        signal,
        deadlineMs,
      });
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(this.#options.namespace)}/leases`;
  }
}

function recordOf(lease: unknown): LeaseRecord {
  const spec = fieldsOf(fieldsOf(lease)['spec']);
  return {
    holder: textOf(spec['holderIdentity']),
    durationSeconds: numberOf(spec['leaseDurationSeconds'], 0),
    acquiredAtMs: parseTimeMs(textOf(spec['acquireTime'])) ?? 0,
    renewedAtMs: parseTimeMs(textOf(spec['renewTime'])) ?? 0,
    transitions: numberOf(spec['leaseTransitions'], 0),
  };
}

function specOf(record: LeaseRecord): Record<string, unknown> {
  return {
    holderIdentity: record.holder,
    leaseDurationSeconds: record.durationSeconds,
    acquireTime: formatTimeMicros(record.acquiredAtMs),
    renewTime: formatTimeMicros(record.renewedAtMs),
    leaseTransitions: record.transitions,
  };
}
