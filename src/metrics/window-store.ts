// Pure state: the last two samples of every container and node, and the usage between them. Rules: docs/metrics-math.md section 4.
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readContainerIdentity } from './label-text.ts';
import { type NodeReadings, seenCpu, seenMemory, seenStart } from './node-readings.ts';
import { newPodReading, podUsageOf } from './pod-reading.ts';
import { PodTable } from './pod-table.ts';
import { PointTable } from './point-table.ts';
import { noSlot, SeriesLayout } from './series-layout.ts';
import type { NodeUsage, PodName, PodReading, PodUsage } from './types.ts';

export interface WindowStoreSettings {
  /** Time between two scrapes of a node; the age below which a container counts as fresh (rule 3.3). */
  readonly resolutionMs: number;
  /** How long a sample is kept after the scrape that last confirmed it (rule 4.3). */
  readonly sampleMaxAgeMs: number;
}

const never = Number.NEGATIVE_INFINITY;

/** When the samples of some pods of a node were taken. */
export interface SampleTimes {
  /** The oldest last sample; Infinity when there is none. */
  readonly oldestMs: number;
  /** The shortest time between the two samples of a container; Infinity when none has two. */
  readonly shortestDistanceMs: number;
}

/** What the store keeps of one node. To others it is a handle with the node's layout. */
export interface StoredNode {
  readonly name: string;
  readonly layout: SeriesLayout;
  /** In the table of node points. */
  readonly slot: number;
}

/** When samples that an earlier process wrote are believed (rules 4.7 to 4.9). */
export interface BeliefRules {
  /** On the time line of the store. */
  readonly nowMs: number;
  /** On the same, when it was written: nothing can have been confirmed later. */
  readonly writtenAtMs: number;
  /** Wall-clock time at which that time line begins. */
  readonly originMs: number;
  /** Whether the pod of this name runs on the node now, and did at that time. */
  ran(pod: PodName, nodeName: string, atMs: number): boolean;
}

interface NodeState extends StoredNode {
  /** When the last scrape with samples was stored. */
  storedAtMs: number;
  /** When the node's own sample was last confirmed. */
  confirmedAtMs: number;
}

/**
 *   node name -> NodeState { slot, layout }            layout.slots[row] -> container slot
 *   namespace -> name -> pod -> container slots        PodTable
 *   container slot -> last and previous point          PointTable; #confirmedAtMs[slot]
 *   node slot      -> last and previous point          PointTable
 *
 * Ages are told on the monotonic time line: "now" is a place on it wherever it is said here, so that a clock that is set forward makes no sample too old. Timestamps are the kubelet's.
 *
 * A node's samples are visible when `commit` returns, whatever other nodes do. Bound: nodes x containers per node (ExpositionParser);
 * slots of containers that vanished are used again.
 */
export class WindowStore {
  readonly #sampleMaxAgeMs: number;
  readonly #nodes = new Map<string, NodeState>();
  readonly #nodePoints: PointTable;
  readonly #containerPoints: PointTable;
  readonly #pods = new PodTable();
  /** Per container slot: when a scrape last reported it completely. */
  readonly #confirmedAtMs: number[] = [];
  #commits = 0;
  /** Per pod: the number of the commit that last gave it a new usage. A kubelet sorts by container name, so a pod comes up several times. */
  readonly #reportedIn: number[] = [];
  readonly #podReading = newPodReading();
  readonly #reading = { timestampMs: 0, subMsNs: 0, cpuNs: 0, startNs: 0, memoryBytes: 0 };

  constructor(settings: WindowStoreSettings) {
    this.#sampleMaxAgeMs = settings.sampleMaxAgeMs;
    this.#nodePoints = new PointTable(settings.resolutionMs);
    this.#containerPoints = new PointTable(settings.resolutionMs);
  }

  /** How many nodes and containers have a usage. */
  get usages(): { readonly nodes: number; readonly containers: number } {
    return { nodes: this.#nodePoints.withUsage, containers: this.#containerPoints.withUsage };
  }

  /** Memory in use, as slots: the most containers that were known at one time. */
  get containerSlots(): number {
    return this.#containerPoints.size;
  }

  /** The node of this name, made when it is new. The handle is valid until the node is forgotten or expires. */
  node(name: string): StoredNode {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const slot = this.#nodePoints.allocate();
    const node = { name, layout: new SeriesLayout(), slot, storedAtMs: never, confirmedAtMs: never };
    this.#nodes.set(name, node);
    return node;
  }

  /**
   * Stores one scrape of a node, whose rows are those of the node's layout. Containers that the scrape does not name disappear (rule 4.2).
   * Returns the pods that have a new usage.
   */
  commit(nodeName: string, readings: NodeReadings, nowMs: number): PodName[] {
    const node = this.#state(nodeName);
    node.storedAtMs = nowMs;
    this.#commitNode(node, readings, nowMs);
    this.#commits++;
    const pods: PodName[] = [];
    for (let i = 0; i < readings.orderLength; i++) {
      const slot = this.#commitContainer(node, readings, readings.order[i] ?? 0, nowMs);
      if (slot === undefined) continue;
      const pod = this.#pods.podOf(slot);
      if (this.#reportedIn[pod] !== this.#commits) pods.push(this.#pods.podName(pod));
      this.#reportedIn[pod] = this.#commits;
    }
    this.#releaseUnseen(node.layout, readings);
    return pods;
  }

  /** Forgets nodes of which nothing was stored for the maximum age (rule 4.3). */
  expire(nowMs: number): void {
    for (const node of this.#nodes.values()) {
      if (this.#isTooOld(node.storedAtMs, nowMs)) this.forget(node.name);
    }
  }

  /** Forgets a node and its containers. */
  forget(nodeName: string): void {
    const node = this.#nodes.get(nodeName);
    if (node === undefined) return;
    for (let row = 0; row < node.layout.count; row++) this.#releaseRow(node.layout, row);
    this.#nodePoints.release(node.slot);
    this.#nodes.delete(nodeName);
  }

  /** Whether the node or one of its containers was sampled, but has no usage yet. Costs the node's containers. */
  awaitsUsage(nodeName: string): boolean {
    const node = this.#nodes.get(nodeName);
    if (node === undefined) return false;
    if (this.#nodePoints.isWithoutUsage(node.slot)) return true;
    const slots = node.layout.slots.subarray(0, node.layout.count);
    return slots.some((slot) => slot !== noSlot && this.#containerPoints.isWithoutUsage(slot));
  }

  /** Names of nodes of which something may be known. Nodes may come and go while it is read. */
  nodeNames(): Iterable<string> {
    return this.#nodes.keys();
  }

  /** Writes what is kept of a node, for `readNode` of a later process, whose time line begins at another `originMs`. */
  writeNode(name: string, out: ByteWriter, originMs: number): void {
    const node = this.#state(name);
    out.float64(node.storedAtMs + originMs);
    out.float64(node.confirmedAtMs + originMs);
    this.#nodePoints.write(node.slot, out);
    node.layout.write(out);
    for (let row = 0; row < node.layout.count; row++) {
      const slot = node.layout.slots[row] ?? noSlot;
      out.float64(slot === noSlot ? Number.NaN : (this.#confirmedAtMs[slot] ?? never) + originMs);
      if (slot !== noSlot) this.#containerPoints.write(slot, out);
    }
  }

  /** Takes back what `writeNode` wrote, as far as it is believed. For nodes that are not known yet. */
  readNode(name: string, from: ByteReader, rules: BeliefRules): void {
    const storedAtMs = Math.min(from.float64() - rules.originMs, rules.writtenAtMs);
    if (this.#isTooOld(storedAtMs, rules.nowMs)) return;
    const node = this.#state(name);
    node.storedAtMs = storedAtMs;
    node.confirmedAtMs = Math.min(from.float64() - rules.originMs, rules.writtenAtMs);
    this.#nodePoints.read(node.slot, from);
    if (this.#isTooOld(node.confirmedAtMs, rules.nowMs)) this.#nodePoints.clear(node.slot);
    node.layout.read(from);
    for (let row = 0; row < node.layout.count; row++) this.#readContainer(node, row, from, rules);
  }

  /** Usage of a node, computed from its two points; undefined without two. */
  nodeUsage(name: string): NodeUsage | undefined {
    const slot = this.#nodes.get(name)?.slot;
    if (slot === undefined) return undefined;
    const cpu = this.#nodePoints.cpuUsage(slot);
    if (cpu === undefined) return undefined;
    const timestampMs = this.#nodePoints.timestampMs(slot);
    return {
      timestampMs,
      windowNs: cpu.windowNs,
      cpuNanoCores: cpu.cpuNanoCores,
      memoryBytes: this.#nodePoints.memoryBytes(slot),
    };
  }

  /** Usage of a pod as this node reports it (rule 4.5). Costs its containers. */
  podUsage(namespace: string, name: string, nodeName: string): PodUsage | undefined {
    const pod = this.findPod(namespace, name, nodeName);
    if (pod === undefined || !this.readPod(pod, this.#podReading)) return undefined;
    return podUsageOf(this.#podReading);
  }

  /** Where the store keeps a pod, as this node reports it: a small integer that means this pod for as long as `podId` of it is the same. */
  findPod(namespace: string, name: string, nodeName: string): number | undefined {
    const node = this.#nodes.get(nodeName);
    return node && this.#pods.find(namespace, name, node.slot);
  }

  /** What tells the pod from those that were kept, or will be, in the same place. */
  podId(pod: number): number {
    return this.#pods.idOf(pod);
  }

  /** A pod's containers that have a usage, with time and window of the one sampled earliest (rule 4.4); false when none has. */
  readPod(pod: number, into: PodReading): boolean {
    let count = 0;
    into.timestampMs = Number.POSITIVE_INFINITY;
    for (let slot = this.#pods.firstContainer(pod); slot !== undefined; slot = this.#pods.nextContainer(slot)) {
      const cpu = this.#containerPoints.cpuUsage(slot);
      if (cpu === undefined) continue;
      into.names[count] = this.#pods.containerName(slot);
      into.cpuNanoCores[count] = cpu.cpuNanoCores;
      into.memoryBytes[count] = this.#containerPoints.memoryBytes(slot);
      count++;
      const sampledAtMs = this.#containerPoints.timestampMs(slot);
      if (sampledAtMs >= into.timestampMs) continue;
      into.timestampMs = sampledAtMs;
      into.windowNs = cpu.windowNs;
    }
    into.containers = count;
    return count > 0;
  }

  /** When the samples of these pods were taken, as this node reports them. Costs their containers. */
  sampleTimes(nodeName: string, pods: Iterable<PodName>): SampleTimes {
    const node = this.#nodes.get(nodeName);
    let oldestMs = Number.POSITIVE_INFINITY;
    let shortestDistanceMs = Number.POSITIVE_INFINITY;
    for (const { namespace, name } of pods) {
      const pod = node && this.#pods.find(namespace, name, node.slot);
      if (pod === undefined) continue;
      for (let slot = this.#pods.firstContainer(pod); slot !== undefined; slot = this.#pods.nextContainer(slot)) {
        oldestMs = Math.min(oldestMs, this.#containerPoints.timestampMs(slot));
        if (!this.#containerPoints.hasUsage(slot)) continue;
        shortestDistanceMs = Math.min(shortestDistanceMs, this.#containerPoints.distanceMs(slot));
      }
    }
    return { oldestMs, shortestDistanceMs };
  }

  #state(name: string): NodeState {
    this.node(name);
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`BUG: node ${name} was not stored`);
    return node;
  }

  /** A node needs both values and neither may be 0, which no running node has (rule 2.6). */
  #commitNode(node: NodeState, readings: NodeReadings, nowMs: number): void {
    const isComplete = readings.nodeSeen === (seenCpu | seenMemory);
    if (isComplete && readings.nodeCpuNs > 0 && readings.nodeMemoryBytes > 0) {
      const reading = this.#reading;
      reading.timestampMs = readings.nodeTimestampMs;
      reading.cpuNs = readings.nodeCpuNs;
      reading.startNs = 0;
      reading.memoryBytes = readings.nodeMemoryBytes;
      this.#nodePoints.offer(node.slot, reading);
      node.confirmedAtMs = nowMs;
    } else if (this.#isTooOld(node.confirmedAtMs, nowMs)) {
      this.#nodePoints.clear(node.slot);
    }
  }

  /** Returns the slot of a container that has a new usage. */
  #commitContainer(node: NodeState, readings: NodeReadings, row: number, nowMs: number): number | undefined {
    const seen = readings.seen[row] ?? 0;
    const isMeasured = (seen & (seenCpu | seenMemory)) === (seenCpu | seenMemory);
    const memoryBytes = readings.memoryBytes[row] ?? 0;
    if (!isMeasured || memoryBytes === 0) {
      this.#releaseIfTooOld(node.layout, row, nowMs); // 2.6, 4.3
      return undefined;
    }
    const reading = this.#reading;
    reading.timestampMs = readings.timestampMs[row] ?? 0;
    reading.cpuNs = readings.cpuNs[row] ?? 0;
    reading.startNs = (seen & seenStart) === 0 ? 0 : (readings.startNs[row] ?? 0); // 2.5
    reading.memoryBytes = memoryBytes;
    const slot = this.#slot(node, row);
    this.#confirmedAtMs[slot] = nowMs;
    const isNew = this.#containerPoints.offer(slot, reading);
    return isNew && this.#containerPoints.hasUsage(slot) ? slot : undefined;
  }

  /** The slot of the row's container; a new container gets one. */
  #slot(node: NodeState, row: number): number {
    const known = node.layout.slots[row] ?? noSlot;
    if (known !== noSlot) return known;
    const names = readContainerIdentity(node.layout.text(row));
    if (names === undefined) throw new Error('BUG: a row holds labels that name no container');
    const slot = this.#containerPoints.allocate();
    node.layout.slots[row] = slot;
    this.#pods.addContainer(slot, names, node.slot);
    return slot;
  }

  #readContainer(node: NodeState, row: number, from: ByteReader, rules: BeliefRules): void {
    const confirmedAtMs = Math.min(from.float64() - rules.originMs, rules.writtenAtMs);
    if (Number.isNaN(confirmedAtMs)) return;
    const slot = this.#slot(node, row);
    this.#confirmedAtMs[slot] = confirmedAtMs;
    this.#containerPoints.read(slot, from);
    const pod = this.#pods.podName(this.#pods.podOf(slot));
    if (!rules.ran(pod, node.name, this.#containerPoints.timestampMs(slot))) this.#releaseRow(node.layout, row);
    else this.#releaseIfTooOld(node.layout, row, rules.nowMs);
  }

  #releaseUnseen(layout: SeriesLayout, readings: NodeReadings): void {
    if (readings.orderLength === layout.count) return;
    for (let row = 0; row < layout.count; row++) {
      if (readings.seen[row] === 0) this.#releaseRow(layout, row);
    }
  }

  #releaseIfTooOld(layout: SeriesLayout, row: number, nowMs: number): void {
    const slot = layout.slots[row] ?? noSlot;
    if (slot !== noSlot && this.#isTooOld(this.#confirmedAtMs[slot] ?? never, nowMs)) this.#releaseRow(layout, row);
  }

  #releaseRow(layout: SeriesLayout, row: number): void {
    const slot = layout.slots[row] ?? noSlot;
    if (slot === noSlot) return;
    layout.slots[row] = noSlot;
    this.#pods.removeContainer(slot);
    this.#containerPoints.release(slot);
  }

  #isTooOld(confirmedAtMs: number, nowMs: number): boolean {
    return nowMs - confirmedAtMs > this.#sampleMaxAgeMs;
  }
}
