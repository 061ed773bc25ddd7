// A raw pod, as it is in JSON, in protobuf. It writes what the API server writes: texts and numbers that are not set as '' and 0, times that are not set as nothing.
import { field, integer, message } from '../support/protobuf-wire.ts';

interface RawContainer {
  readonly name?: string;
  readonly image?: string;
  readonly resources?: RawResources;
  readonly restartPolicy?: string;
}

interface RawResources {
  readonly limits?: Record<string, string>;
  readonly requests?: Record<string, string>;
}

export interface RawPod {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly RawContainer[];
    readonly initContainers?: readonly RawContainer[];
    readonly resources?: RawResources;
    readonly overhead?: Record<string, string>;
  };
  readonly status?: {
    readonly phase?: string;
    readonly startTime?: string;
    readonly conditions?: readonly { type: string; status: string; lastTransitionTime?: string | null }[];
  };
}

export function podMessage({ metadata = {}, spec = {}, status = {} }: RawPod): Buffer {
  return message(field(1, metadataMessage(metadata)), field(2, specMessage(spec)), field(3, statusMessage(status)));
}

function metadataMessage(metadata: NonNullable<RawPod['metadata']>): Buffer {
  return message(
    field(1, metadata.name ?? ''),
    field(2, ''),
    field(3, metadata.namespace ?? ''),
    field(4, ''),
    field(5, metadata.uid ?? ''),
    field(6, metadata.resourceVersion ?? ''),
    integer(7, 0),
    field(8, message()),
    ...optional(metadata.deletionTimestamp, (time) => field(9, timeMessage(time))),
    ...entries(metadata.labels).map(([key, value]) => field(11, message(field(1, key), field(2, value)))),
    ...entries(metadata.annotations).map(([key, value]) => field(12, message(field(1, key), field(2, value)))),
  );
}

function specMessage(spec: NonNullable<RawPod['spec']>): Buffer {
  return message(
    ...(spec.containers ?? []).map((container) => field(2, containerMessage(container))),
    field(3, 'Always'),
    field(10, spec.nodeName ?? ''),
    integer(11, 0),
    ...(spec.initContainers ?? []).map((container) => field(20, containerMessage(container))),
    ...quantities(32, spec.overhead),
    ...optional(spec.resources, (resources) => field(40, resourcesMessage(resources))),
  );
}

function containerMessage(container: RawContainer): Buffer {
  return message(
    field(1, container.name ?? ''),
    field(2, container.image ?? ''),
    field(8, resourcesMessage(container.resources ?? {})),
    field(14, 'Always'),
    integer(16, 0),
    ...optional(container.restartPolicy, (policy) => field(24, policy)),
  );
}

function resourcesMessage({ limits, requests }: RawResources): Buffer {
  return message(...quantities(1, limits), ...quantities(2, requests));
}

function quantities(number: number, texts: Record<string, string> | undefined): Buffer[] {
  return entries(texts).map(([key, quantity]) => field(number, message(field(1, key), field(2, field(1, quantity)))));
}

function statusMessage(status: NonNullable<RawPod['status']>): Buffer {
  return message(
    field(1, status.phase ?? ''),
    ...(status.conditions ?? []).map((condition) =>
      field(
        2,
        message(
          field(1, condition.type),
          field(2, condition.status),
          field(3, message()),
          field(4, timeMessage(condition.lastTransitionTime ?? undefined)),
          field(5, ''),
          field(6, ''),
        ),
      ),
    ),
    field(5, '127.0.0.1'),
    ...optional(status.startTime, (time) => field(7, timeMessage(time))),
    integer(17, 1),
  );
}

function timeMessage(time: string | undefined): Buffer {
  if (time === undefined) return message();
  return message(integer(1, Date.parse(time) / 1000), integer(2, 0));
}

/** Maps are written in the order of their keys. */
function entries(map: Record<string, string> = {}): [string, string][] {
  return Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function optional<T>(value: T | undefined, build: (value: T) => Buffer): Buffer[] {
  return value === undefined ? [] : [build(value)];
}
