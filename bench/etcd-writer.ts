// Edge: writes many keys into etcd through its JSON gateway, a transaction at a time.
import type { StoredObject } from './stored-object.ts';

/** etcd takes at most 128 operations and 1.5 MB in one transaction; a pod is about 4 KB, a third more in base64. */
const keysPerTransaction = 100;
const transactionsAtOnce = 4;

/**
 * `etcdUrl` is plain HTTP. Resolves to the number of keys written; calls `onProgress` with it after every transaction.
 *
 * `batch` is how many keys go into one transaction, and so have one revision. Where somebody may list meanwhile it must be 1, as with a real API server: a list between
 * two events of one revision lacks the second, and the watch from that revision on never tells it. kube-controller-manager missed a fifth of 3,000 HPAs.
 */
export async function writeToEtcd(
  etcdUrl: string,
  objects: Iterable<StoredObject>,
  signal: AbortSignal,
  onProgress: (written: number) => void,
  batch = keysPerTransaction,
): Promise<number> {
  const batches = inBatches(objects, batch);
  let written = 0;
  // The writers share one iterator, so that each batch is made only when somebody is free to send it.
  const writer = async (): Promise<void> => {
    for (const one of batches) {
      await writeBatch(etcdUrl, one, signal);
      written += one.length;
      onProgress(written);
    }
  };
  await Promise.all(Array.from({ length: transactionsAtOnce }, writer));
  return written;
}

/** Removes every key that begins with `prefix`. */
export async function deleteFromEtcd(etcdUrl: string, prefix: string, signal: AbortSignal): Promise<void> {
  const last = prefix.length - 1;
  const end = prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
  const body = JSON.stringify({ key: base64(prefix), range_end: base64(end) });
  const answer = await fetch(`${etcdUrl}/v3/kv/deleterange`, { method: 'POST', body, signal });
  if (!answer.ok) throw new Error(`deleting ${prefix} from etcd: ${answer.status} ${await answer.text()}`);
}

async function writeBatch(etcdUrl: string, batch: readonly StoredObject[], signal: AbortSignal): Promise<void> {
  const success = batch.map(({ key, value }) => ({ requestPut: { key: base64(key), value: base64(value) } }));
  const answer = await fetch(`${etcdUrl}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success }), signal });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(`writing ${batch[0]?.key} and more into etcd: ${answer.status} ${text.slice(0, 300)}`);
}

function* inBatches<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
