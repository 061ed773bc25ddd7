// Flow: builds the programs of a test cluster from Go modules, once, into a cache outside the checkout.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { acquireLock } from './lock-file.ts';
import { lastLines, runCommand, spawnGuarded } from './processes.ts';
import { allTools, buildRecipes, kubebuilderTools, type ToolName } from './tools.ts';

const MODULE_ROOT = import.meta.dirname;
const WORK_PREFIX = '.building-';
const HEARTBEAT_MS = 15_000;
const INSTALL_GO = 'Install it from https://go.dev/dl/ (or with your package manager) and put it on the PATH.';

/** Absolute paths. Only the tools that were asked for are sure to exist. */
export interface Binaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kubectl: string;
  readonly kubelet: string;
  readonly metricsServer: string;
  readonly kwok: string;
  readonly customMetricsAdapter: string;
  readonly vpaRecommender: string;
  readonly writableMetricsAdapter: string;
  readonly promtool: string;
}

/** Takes lines for people to read: what is being built, how far it is. */
export type Progress = (line: string) => void;

/**
 * Makes sure that the wanted tools exist and says where they are. The first time this takes minutes (about seven for all of
 * them on two cores); afterwards it is a few file checks. Safe to call from several processes at once.
 */
export async function ensureBinaries(progress: Progress, wanted: readonly ToolName[] = allTools): Promise<Binaries> {
  const paths = await toolPaths();
  const byDirectory = Map.groupBy(await missing(paths, wanted), (tool) => dirname(paths[tool]));
  for (const [directory, tools] of byDirectory) {
    await mkdir(directory, { recursive: true });
    await using _lock = await acquireLock(`${directory}.lock`, (pid) => {
      progress(`waiting for process ${pid}, which is building the test cluster's programs`);
    });
    // What another process built while we waited is there now.
    await buildAll(await missing(paths, tools), directory, progress);
  }
  return {
    etcd: paths.etcd,
    kubeApiserver: paths['kube-apiserver'],
    kubeControllerManager: paths['kube-controller-manager'],
    kubeScheduler: paths['kube-scheduler'],
    kubectl: paths.kubectl,
    kubelet: paths.kubelet,
    metricsServer: paths['metrics-server'],
    kwok: paths.kwok,
    customMetricsAdapter: paths['custom-metrics-adapter'],
    vpaRecommender: paths['vpa-recommender'],
    writableMetricsAdapter: paths['writable-metrics-adapter'],
    promtool: paths.promtool,
  };
}

/** The cache folder of the programs of a module: one for each version of everything that goes into them (modules, own sources, compiler, flags). */
async function moduleCache(module: string): Promise<string> {
  const moduleDirectory = join(MODULE_ROOT, module);
  const goMod = await readFile(join(moduleDirectory, 'go.mod'), 'utf8');
  const goSum = await readFile(join(moduleDirectory, 'go.sum'), 'utf8');
  const goVersion = await checkGo(goMod);
  const recipes = Object.entries(buildRecipes).filter(([, recipe]) => recipe.module === module);
  const key = createHash('sha256')
    .update(JSON.stringify([goMod, goSum, goVersion, recipes, ...(await goSources(moduleDirectory))]))
    .digest('hex');
  return join(cacheDirectory(), 'cluster', key.slice(0, 16));
}

/** The texts of a module's own programs; most modules only name programs of others. */
async function goSources(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.go')).toSorted();
  return Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
}

/** The version of the Go that will build; an error that says what to do when there is none or it is too old. */
async function checkGo(goMod: string): Promise<string> {
  const needed = /^go (\S+)$/m.exec(goMod)?.[1] ?? '';
  const answer = await runCommand(['go', 'env', 'GOVERSION'], { cwd: MODULE_ROOT }).catch((error: unknown) => {
    throw new Error(
      `Go ${needed} or newer is needed to build the test cluster, and there is no go command. ${INSTALL_GO}`,
      {
        cause: error,
      },
    );
  });
  const found = answer.stdout.trim();
  if (answer.code !== 0 || !isAtLeast(found, needed)) {
    throw new Error(
      `Go ${needed} or newer is needed to build the test cluster; this is ${found || answer.stderr.trim()}. ${INSTALL_GO} ` +
        `An older Go (1.21 or newer) fetches it by itself with GOTOOLCHAIN=auto.`,
    );
  }
  return found;
}

/** Whether `go1.26.8` is at least `1.26.4`. Pre-releases and custom builds are compared by their numbers only. */
function isAtLeast(found: string, needed: string): boolean {
  const numbers = (version: string): number[] => (version.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [foundParts, neededParts] = [numbers(found), numbers(needed)];
  for (const [index, part] of neededParts.entries()) {
    const other = foundParts[index] ?? 0;
    if (other !== part) {
      return other > part;
    }
  }
  return foundParts.length > 0;
}

async function toolPaths(): Promise<Record<ToolName, string>> {
  const assets = process.env['KUBEBUILDER_ASSETS'] ?? '';
  const modules = new Set(allTools.map((tool) => buildRecipes[tool].module));
  const caches = new Map<string, string>();
  for (const module of modules) {
    caches.set(module, await moduleCache(module));
  }
  const locate = async (tool: ToolName): Promise<[ToolName, string]> => {
    const given = join(assets, tool);
    const isGiven = assets !== '' && kubebuilderTools.includes(tool) && (await isExecutable(given));
    return [tool, isGiven ? given : join(caches.get(buildRecipes[tool].module) ?? '', tool)];
  };
  return Object.fromEntries(await Promise.all(allTools.map(locate))) as Record<ToolName, string>;
}

async function missing(paths: Record<ToolName, string>, wanted: readonly ToolName[]): Promise<readonly ToolName[]> {
  const found = await Promise.all(wanted.map((tool) => isExecutable(paths[tool])));
  return wanted.filter((_tool, index) => found[index] !== true);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

// One tool after the other: the compiler keeps all cores busy within one, most packages are shared through Go's own cache,
// people see how far it is, and what was built stays built when they interrupt it.
async function buildAll(names: readonly ToolName[], directory: string, progress: Progress): Promise<void> {
  if (names.length === 0) {
    return;
  }
  const startedAtMs = Date.now();
  progress(`building from source: ${names.join(', ')}; the first time this takes minutes`);
  await removeInterrupted(directory);
  const workDirectory = await mkdtemp(join(directory, WORK_PREFIX));
  try {
    for (const [index, name] of names.entries()) {
      progress(`building ${name} (${index + 1} of ${names.length})`);
      const toolStartedAtMs = Date.now();
      const heartbeat = setInterval(() => {
        progress(`building ${name} (${index + 1} of ${names.length}): ${secondsSince(toolStartedAtMs)} s so far`);
      }, HEARTBEAT_MS);
      try {
        await buildOne(name, workDirectory);
      } finally {
        clearInterval(heartbeat);
      }
      await rename(join(workDirectory, name), join(directory, name));
      progress(
        `built ${name} in ${secondsSince(toolStartedAtMs)} s; ` +
          `${index + 1} of ${names.length} done after ${secondsSince(startedAtMs)} s`,
      );
    }
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

// We hold the lock, so what lies there belongs to a build that was killed.
async function removeInterrupted(directory: string): Promise<void> {
  const left = (await readdir(directory)).filter((name) => name.startsWith(WORK_PREFIX));
  await Promise.all(left.map((name) => rm(join(directory, name), { recursive: true, force: true })));
}

async function buildOne(name: ToolName, workDirectory: string): Promise<void> {
  const { goPackage, module, flags } = buildRecipes[name];
  const logPath = join(workDirectory, `${name}.log`);
  // Version-control stamping is off: it would make the binary depend on the checkout instead of on go.mod.
  const command = [
    'go',
    'build',
    '-mod=readonly',
    '-buildvcs=false',
    ...flags,
    '-o',
    join(workDirectory, name),
    goPackage,
  ];
  const go = await spawnGuarded(command, { logPath, cwd: join(MODULE_ROOT, module), keepAlive: true });
  const { code } = await go.exit;
  if (code !== 0) {
    throw new Error(`building ${name} failed:\n${lastLines(logPath, 20)}`);
  }
}

function secondsSince(startedAtMs: number): number {
  return Math.round((Date.now() - startedAtMs) / 1000);
}
