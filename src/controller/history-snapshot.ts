// Edge: the remembered histories in a file of --state-dir, so that a restart forgets nothing. A file that cannot be read is as good as none.
import { JsonNode } from '../crd/json-node.ts';
import type { Logger } from '../lib/logger.ts';
import { StateFile } from '../lib/state-file.ts';
import { isAutoscalerKey } from './autoscaler-key.ts';
import type { Recommendation, ScaleEvent } from './decide/types.ts';
import type { HistoryStore, Remembered } from './history-store.ts';
import type { ControllerMonitor } from './monitor.ts';

const fileName = 'autoscaler-history.json';
/** Raised when the meaning of a field changes; older files are ignored then. */
const formatVersion = 1;
/** Recommendations, changes and autoscalers that are written at one go: a millisecond or two. Three thousand autoscalers have twenty times as many. */
const entriesPerPiece = 3_000;

export interface HistorySnapshot {
  /**
   * Reads the file into the store; says so in the log when there was something, or when it was unusable. Returns whether it is the last word of the process
   * that wrote it: otherwise that one crashed, and what it did since is not known.
   */
  restore(store: HistoryStore): Promise<boolean>;
  /** Replaces the file. `isFinal`: nothing will be remembered after it. Never rejects; what the file system refuses is counted and logged. */
  save(store: HistoryStore, isFinal: boolean): Promise<void>;
}

export interface HistorySnapshotDeps {
  /** --state-dir; made when it is missing. */
  readonly directory: string;
  readonly logger: Logger;
  readonly monitor: Pick<ControllerMonitor, 'snapshotWritten'>;
}

export function createHistorySnapshot({ directory, logger, monitor }: HistorySnapshotDeps): HistorySnapshot {
  const onWritten: ControllerMonitor['snapshotWritten'] = (outcome) => monitor.snapshotWritten(outcome);
  const file = new StateFile(directory, fileName, { logger, holds: 'histories', onWritten });
  const restore = (store: HistoryStore, contents: Buffer): boolean => {
    const { entries, isFinal } = parseSnapshot(contents.toString('utf8'));
    for (const [key, remembered] of entries) store.set(key, remembered);
    logger.info('histories restored', { path: file.path, autoscalers: entries.length, isFinal });
    return isFinal;
  };
  return {
    restore: async (store) => (await file.read((contents) => restore(store, contents))) ?? false,
    save: (store, isFinal) =>
      file.replace(async (handle) => {
        for (const piece of piecesOf(store, isFinal)) await handle.writeFile(piece);
        await handle.sync();
      }),
  };
}

/** Autoscalers have nothing to do with each other: each stands in the file as it is when its piece is made. */
function* piecesOf(store: HistoryStore, isFinal: boolean): Generator<string> {
  let piece = `{"formatVersion":${formatVersion},"isFinal":${isFinal},"autoscalers":{`;
  let entries = 0;
  let separator = '';
  for (const [key, remembered] of store.entries()) {
    piece += `${separator}${JSON.stringify(key)}:${JSON.stringify(remembered)}`;
    separator = ',';
    entries += entriesOf(remembered);
    if (entries < entriesPerPiece) continue;
    yield piece;
    piece = '';
    entries = 0;
  }
  yield `${piece}}}`;
}

function entriesOf({ history, between }: Remembered): number {
  const { recommendations, scaleUpEvents, scaleDownEvents } = history;
  return 1 + recommendations.length + scaleUpEvents.length + scaleDownEvents.length + between.length;
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
