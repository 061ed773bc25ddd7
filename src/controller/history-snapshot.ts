// Edge: the remembered histories in a file of --state-dir, so that a restart forgets nothing. A file that cannot be read is as good as none.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JsonNode } from '../crd/json-node.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { isAutoscalerKey } from './autoscaler-key.ts';
import type { Recommendation, ScaleEvent } from './decide/types.ts';
import type { HistoryStore, Remembered } from './history-store.ts';

const fileName = 'autoscaler-history.json';
/** Raised when the meaning of a field changes; older files are ignored then. */
const formatVersion = 1;

export interface HistorySnapshot {
  /**
   * Reads the file into the store; says so in the log when there was something, or when it was unusable. Returns whether it is the last word of the process
   * that wrote it: otherwise that one crashed, and what it did since is not known.
   */
  restore(store: HistoryStore): Promise<boolean>;
  /** Replaces the file. `isFinal`: nothing will be remembered after it. Throws what the file system throws. */
  save(store: HistoryStore, isFinal: boolean): Promise<void>;
}

/** `directory` is made when it is missing. */
export function createHistorySnapshot(directory: string, logger: Logger): HistorySnapshot {
  const path = join(directory, fileName);
  return {
    restore: async (store) => {
      const text = await readOrUndefined(path, logger);
      if (text === undefined) return false;
      try {
        const { entries, isFinal } = parseSnapshot(text);
        for (const [key, remembered] of entries) store.set(key, remembered);
        logger.info('histories restored', { path, autoscalers: entries.length, isFinal });
        return isFinal;
      } catch (error) {
        logger.warn('file of histories ignored', { path, problem: errorMessage(error) });
        return false;
      }
    },
    save: (store, isFinal) =>
      replaceFile(path, JSON.stringify({ formatVersion, isFinal, autoscalers: Object.fromEntries(store.entries()) })),
  };
}

async function readOrUndefined(path: string, logger: Logger): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) logger.warn('file of histories ignored', { path, problem: errorMessage(error) });
    return undefined;
  }
}

/** Readers see the old file or the new one, also after a crash. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  const file = await open(next, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}

interface Snapshot {
  readonly isFinal: boolean;
  readonly entries: readonly (readonly [string, Remembered])[];
}

function parseSnapshot(text: string): Snapshot {
  const root = new JsonNode(JSON.parse(text));
  const version = root.get('formatVersion').integer();
  if (version !== formatVersion) throw new Error(`format ${version} is not ${formatVersion}`);
  const autoscalers = root.get('autoscalers');
  const entries = Object.keys(autoscalers.object()).map((key): [string, Remembered] => {
    if (!isAutoscalerKey(key)) throw new Error(`${key} is not a key of an autoscaler`);
    return [key, readRemembered(autoscalers.get(key))];
  });
  return { entries, isFinal: root.get('isFinal').optionalBoolean() ?? false };
}

function readRemembered(node: JsonNode): Remembered {
  const history = node.get('history').required();
  return {
    uid: node.get('uid').text(),
    history: {
      recommendations: history.get('recommendations').items().map(readRecommendation),
      scaleUpEvents: history.get('scaleUpEvents').items().map(readScaleEvent),
      scaleDownEvents: history.get('scaleDownEvents').items().map(readScaleEvent),
    },
    between: node.get('between').items().map(readRecommendation),
    lastScaleAtMs: node.get('lastScaleAtMs').optionalInteger(),
  };
}

function readRecommendation(node: JsonNode): Recommendation {
  return { replicas: node.get('replicas').integer(), atMs: node.get('atMs').integer() };
}

function readScaleEvent(node: JsonNode): ScaleEvent {
  return {
    replicaChange: node.get('replicaChange').integer(),
    atMs: node.get('atMs').integer(),
    outdated: node.get('outdated').optionalBoolean() ?? false,
  };
}
