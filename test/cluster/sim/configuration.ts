// Edge: the configuration file of the simulation's process: JSON, in which a demand may name a CSV file.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Demand, parseDemand, parseTrace } from './demand.ts';
import type { SimulatedNodesOptions } from './simulated-nodes.ts';
import type { Workload } from './types.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a configuration file may hold besides workloads; flags win over it. */
const plainFields = ['nodeCount', 'namePrefix', 'port', 'firstOctet', 'seed', 'controlPort', 'registerNodes'] as const;
const objectFields = ['usage', 'housekeeping', 'timing', 'nodeLabels', 'nodeAnnotations', 'capacity'] as const;

/** Reads and checks a configuration file; paths in it are relative to it. Throws a RangeError or SyntaxError. */
export async function readConfiguration(path: string): Promise<Partial<SimulatedNodesOptions>> {
  const json = asObject(JSON.parse(await readFile(path, 'utf8')), path);
  const known: readonly string[] = [...plainFields, ...objectFields, 'workloads'];
  const unknown = Object.keys(json).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new RangeError(`${path} has unknown fields: ${unknown.join(', ')}`);
  const workloads = Array.isArray(json['workloads']) ? (json['workloads'] as unknown[]) : [];
  return { ...json, workloads: await Promise.all(workloads.map((item) => readWorkload(item, dirname(path)))) };
}

async function readWorkload(value: unknown, directory: string): Promise<Workload> {
  const json = asObject(value, 'a workload');
  const { name, namespace, container } = json;
  if (typeof name !== 'string' || typeof namespace !== 'string') {
    throw new RangeError('a workload needs a name and a namespace');
  }
  return {
    name,
    namespace,
    selector: asObject(json['selector'], `selector of workload ${name}`) as Readonly<Record<string, string>>,
    ...(typeof container === 'string' ? { container } : {}),
    ...(json['cores'] === undefined ? {} : { cores: await readDemand(json['cores'], directory) }),
    ...(json['bytes'] === undefined ? {} : { bytes: await readDemand(json['bytes'], directory) }),
  };
}

/** `{"kind":"file","path":"load.csv","repeatSeconds":600}` becomes a trace; anything else is a demand as it stands. */
async function readDemand(value: unknown, directory: string): Promise<Demand> {
  const file = typeof value === 'object' && value !== null ? (value as Json) : {};
  if (file['kind'] !== 'file') return parseDemand(value);
  if (typeof file['path'] !== 'string') throw new RangeError('demand file needs a path');
  const rows = parseTrace(await readFile(resolve(directory, file['path']), 'utf8'));
  return parseDemand({ kind: 'trace', rows, repeatSeconds: file['repeatSeconds'] });
}

function asObject(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(`${what} must be an object`);
  }
  return value as Json;
}
