// Reads the manifests of config/, file by file or as `kubectl kustomize` renders a folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, parseDocument } from 'yaml';

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** The fields of Kubernetes objects that the tests look at. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly PolicyRule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look into many shapes of spec; a wrong path fails the assertion
  readonly spec?: any;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export function readText(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8');
}

/** The objects of one file. */
export function readManifests(path: string): Manifest[] {
  return toManifests(readText(path), path);
}

/** One kustomization file. */
export function readKustomization(folder: string): { kind: string; resources?: string[] } {
  const path = `${folder}/kustomization.yaml`;
  return parseDocument(readText(path)).toJS() as { kind: string; resources?: string[] };
}

/** Everything in config/base, without kustomize. */
export function readBase(): Manifest[] {
  return (readKustomization('config/base').resources ?? []).flatMap((file) => readManifests(`config/base/${file}`));
}

/** kubectl of the test cluster, or of the machine; undefined when there is none. */
export function findKubectl(): string | undefined {
  const kubectl = process.env['HEADROOM_KUBECTL'] ?? 'kubectl';
  return spawnSync(kubectl, ['version', '--client'], { stdio: 'ignore' }).status === 0 ? kubectl : undefined;
}

/** The objects that `kubectl kustomize` makes of a folder. */
export function kustomize(kubectl: string, folder: string): Manifest[] {
  return toManifests(execFileSync(kubectl, ['kustomize', folder], { cwd: root, encoding: 'utf8' }), folder);
}

function toManifests(text: string, from: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(`${from}: ${document.errors.join('; ')}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own files; what is missing fails an assertion
    return document.toJS() as Manifest;
  });
}

/** The one object of a kind, or of a kind and name. */
export function one(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  const [manifest] = found;
  if (manifest === undefined || found.length > 1) throw new Error(`${found.length} objects ${kind} ${name ?? ''}`);
  return manifest;
}
