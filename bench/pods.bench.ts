// Benchmark: what 150,000 pods cost on their way into the cache, and there: as JSON and as protobuf, from bytes in memory that a real API server wrote.
// `npm run bench:pods [-- pods]`

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiClient } from '../src/kube/client.ts';
import type { Codec } from '../src/kube/codec.ts';
import { createJsonCodec } from '../src/kube/json-codec.ts';
import { loadKubeConfig } from '../src/kube/kube-config.ts';
import type { PodRecord } from '../src/kube/pod-record.ts';
import { PodStore } from '../src/kube/pod-store.ts';
import { createPodProjection } from '../src/kube/project-pod.ts';
import { createPodProtobufCodec } from '../src/kube/protobuf-pod.ts';
import { ProtobufReader } from '../src/kube/protobuf-reader.ts';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { ensureBinaries } from '../test/cluster/build.ts';
import { startControlPlane } from '../test/cluster/control-plane.ts';
import { controlPlaneTools } from '../test/cluster/tools.ts';
import { envelope, watchFrame } from '../test/support/protobuf-wire.ts';
import { writeToEtcd } from './etcd-writer.ts';
import { storedObjects } from './stored-objects.ts';

type Form = 'json' | 'protobuf';

const pageSize = 500;
const shape = { nodes: 25, podsPerNode: 20, hpas: 0 };
const mediaTypes = { json: 'application/json', protobuf: 'application/vnd.kubernetes.protobuf' };
/** Of all pods of the page; other pages have others of the same length. */
const namespace = 'team-0';
const appPrefix = 'app-';
const pagesPerNamespace = 10;
const watchedEvents = 20_000;

const [form, dir = '', count = '150000'] = process.argv.slice(2);
if (form === 'json' || form === 'protobuf') await measure(form, dir, Number(count));
else await compare(form ?? count);

/** Each form in a process of its own, on the same page of pods. */
async function compare(pods: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'headroom-pods-'));
  try {
    await fetchPages(folder);
    for (const each of ['json', 'protobuf']) {
      const child = fork(fileURLToPath(import.meta.url), [each, folder, pods], { execArgv: ['--expose-gc'] });
      await once(child, 'exit');
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function fetchPages(folder: string): Promise<void> {
  const progress = (line: string): void => console.error(line);
  const binaries = await ensureBinaries(progress, controlPlaneTools);
  await using cluster = await startControlPlane({ binaries, progress, controllers: 'serviceaccount-controller' });
  const signal = new AbortController().signal;
  const objects = storedObjects(shape, { kubeletPort: 10_250, createdAtMs: Date.now() - 3_600_000 });
  await writeToEtcd(cluster.etcdUrl, objects, signal, () => undefined);
  const client = createApiClient({
    kubeConfig: loadKubeConfig(cluster.kubeconfigPath),
    clock: systemClock,
    logger: silentLogger,
    userAgent: 'headroom/bench',
    qps: -1,
    burst: 1,
  });
  for (const [name, accept] of Object.entries(mediaTypes)) {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const decode = (body: Uint8Array): Uint8Array => body;
    await writeFile(join(folder, name), await client.request<Uint8Array>({ method: 'GET', path, accept, decode }));
  }
  await client.close();
}

async function measure(each: Form, folder: string, pods: number): Promise<void> {
  const codec: Codec<PodRecord> = each === 'json' ? createJsonCodec(createPodProjection()) : createPodProtobufCodec();
  const answer = await readFile(join(folder, each));
  const page = each === 'json' ? jsonEvents('ADDED', answer) : protobufEvents('ADDED', answer);
  const store = new PodStore(silentLogger);
  for (let warmUp = 0; warmUp < 10; warmUp++) readInto(new PodStore(silentLogger), codec, page);
  const heapBefore = heapBytes();
  let cpuMs = 0;
  let slowestMs = 0;
  for (let number = 0; number < pods / pageSize; number++) {
    const body = renamed(page, number);
    const startedAtMs = performance.now();
    const cpuBefore = process.cpuUsage();
    readInto(store, codec, body);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuMs += (user + system) / 1000;
    slowestMs = Math.max(slowestMs, performance.now() - startedAtMs);
  }
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  const heapMegabytes = (heapBytes() - heapBefore) / 1e6;
  const size = store.size;
  const event = each === 'json' ? jsonEvents('MODIFIED', answer, 1) : protobufEvents('MODIFIED', answer, 1);
  const eventMicros = microsPerEvent(codec, store, event);
  console.log(
    [
      `${each}: ${size} pods, ${(page.length / pageSize / 1000).toFixed(1)} KB each`,
      `${cpuMs.toFixed(0)} CPU-ms to read all, ${((cpuMs * 1000) / size).toFixed(1)} us each, slowest ${pageSize} ${slowestMs.toFixed(0)} ms`,
      `${heapMegabytes.toFixed(1)} MB of heap, ${((heapMegabytes * 1e6) / size).toFixed(0)} bytes each; peak resident ${peakMegabytes.toFixed(0)} MB`,
      `${eventMicros.toFixed(1)} us of CPU for an event of ${(event.length / 1000).toFixed(1)} KB`,
    ].join('\n  '),
  );
}

/** As a reflector takes in the initial events of a streaming list. */
function readInto(store: PodStore, codec: Codec<PodRecord>, body: Uint8Array): void {
  for (const event of codec.eventReader().push(body)) {
    if (event.type === 'BOOKMARK' || 'problem' in event.reading) throw new Error('the event is not what it was');
    if (event.reading.object !== undefined) store.upsert(event.reading.key, event.reading.object);
  }
}

/** Pods of other apps, ten pages to a namespace; nothing else moves, as the names are equally long. */
function renamed(page: Buffer, number: number): Buffer {
  const bytes = Buffer.from(page);
  const team = Math.floor(number / pagesPerNamespace).toString();
  replaceAll(bytes, namespace, `t${team.padStart(namespace.length - 1, '0')}`);
  replaceAll(bytes, appPrefix, `a${number.toString(36).padStart(appPrefix.length - 1, '0')}`);
  return bytes;
}

function replaceAll(bytes: Buffer, from: string, to: string): void {
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
}

/** The first pods of a page, each in an event. */
function jsonEvents(type: string, page: Buffer, count = pageSize): Buffer {
  const { items } = JSON.parse(page.toString()) as { items: object[] };
  const lines = items
    .slice(0, count)
    .map((item) => `${JSON.stringify({ type, object: { kind: 'Pod', apiVersion: 'v1', ...item } })}\n`);
  return Buffer.from(lines.join(''));
}

function protobufEvents(type: string, page: Buffer, count = pageSize): Buffer {
  const frames: Buffer[] = [];
  for (const list = new ProtobufReader(bytesOf(page.subarray(4), 2)); frames.length < count && list.next(); ) {
    if (list.field === 2) frames.push(watchFrame(type, envelope('Pod', list.bytes())));
    else list.skip();
  }
  return Buffer.concat(frames);
}

function bytesOf(bytes: Buffer, field: number): Buffer {
  for (const message = new ProtobufReader(bytes); message.next(); message.skip()) {
    if (message.field === field) return message.bytes();
  }
  throw new Error(`the page has no field ${field}`);
}

function microsPerEvent(codec: Codec<PodRecord>, store: PodStore, bytes: Buffer): number {
  const cpuBefore = process.cpuUsage();
  for (let event = 0; event < watchedEvents; event++) readInto(store, codec, bytes);
  const { user, system } = process.cpuUsage(cpuBefore);
  return (user + system) / watchedEvents;
}

function heapBytes(): number {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
