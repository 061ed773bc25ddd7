// Pure: texts of files -> what is to be said of the autoscalers in them.
import { admit } from './admission.ts';
import { adviceFor, meantField } from './advice.ts';
import { readDocuments } from './documents.ts';
import { objectsOf } from './manifest-objects.ts';
import { senseOf } from './sense/sense.ts';
import type { SenseSettings, Warning } from './sense/types.ts';
import type { Finding, ManifestObject, Problem, UnreadableDocument, Verdict } from './types.ts';

export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** One autoscaler and what was found about it, in the order of the document. */
export interface CheckedAutoscaler {
  readonly object: ManifestObject;
  readonly label: string;
  /** The API server's message; undefined when it admits the object. */
  readonly answer: string | undefined;
  readonly findings: readonly Finding[];
}

export interface CheckResult {
  readonly autoscalers: readonly CheckedAutoscaler[];
  /** About documents that hold no object, and about workloads next to the autoscalers. */
  readonly others: readonly Finding[];
  /** Objects of other kinds. */
  readonly skipped: readonly { readonly object: ManifestObject; readonly label: string }[];
}

export function check(files: readonly SourceFile[], settings: SenseSettings): CheckResult {
  const documents = files.flatMap(({ file, text }) => readDocuments(file, text));
  const found = documents.flatMap((document) => ('root' in document ? objectsOf(document) : [document]));
  const objects = found.filter((one) => 'root' in one);
  const unreadable = found.filter((one): one is UnreadableDocument => !('root' in one));
  const verdicts = objects.flatMap((object) => admit(object, settings) ?? []);
  const judged = new Set(verdicts.map(({ object }) => object));
  const warnings = senseOf(verdicts, objects, settings);
  const label = (object: ManifestObject): string => labelOf(object, settings.namespace);
  const aboutOthers = warnings.filter(({ object }) => !judged.has(object));
  return {
    autoscalers: verdicts.map((verdict) => {
      const own = warnings.filter(({ object }) => object === verdict.object);
      return {
        object: verdict.object,
        label: label(verdict.object),
        answer: verdict.refusals[0]?.message,
        findings: inOrder([...errorsOf(verdict, label(verdict.object)), ...own.map((one) => warningOf(one, label))]),
      };
    }),
    others: [...unreadable.map(unreadableFinding), ...aboutOthers.map((one) => warningOf(one, label))],
    skipped: objects.filter((object) => !judged.has(object)).map((object) => ({ object, label: plainLabel(object) })),
  };
}

/** `HorizontalPodAutoscaler default/web`. */
function labelOf({ kind, name, namespace }: ManifestObject, defaultNamespace: string): string {
  return `${kind} ${namespace || defaultNamespace}/${name}`;
}

/** As written, because nobody knows here whether the kind has namespaces at all. */
function plainLabel({ kind, name, namespace }: ManifestObject): string {
  return [kind, namespace === '' ? name : `${namespace}/${name}`].join(' ').trimEnd();
}

/** What the API server says first, and what it would say after that is mended. */
function errorsOf({ object, refusals }: Verdict, label: string): Finding[] {
  const misspelled = refusals.flatMap(({ problems }) => problems.flatMap((problem) => meantField(problem) ?? []));
  // A field is not missing once its name is mended.
  const isConsequence = ({ field }: Problem): boolean => misspelled.some((meant) => isWithin(field, meant));
  return refusals.flatMap(({ step, problems }) =>
    problems
      .filter((problem) => step !== 'validate' || !isConsequence(problem))
      .map((problem) => ({
        severity: 'error' as const,
        file: object.file,
        at: problem.at,
        object: label,
        field: problem.field,
        message: problem.message,
        advice: adviceFor(step, problem),
      })),
  );
}

function isWithin(field: string, outer: string): boolean {
  return field === outer || field.startsWith(`${outer}.`) || field.startsWith(`${outer}[`);
}

function warningOf(
  { object, field, at, message, advice }: Warning,
  label: (object: ManifestObject) => string,
): Finding {
  return { severity: 'warning', file: object.file, at, object: label(object), field, message, advice };
}

function unreadableFinding(document: UnreadableDocument): Finding {
  return { severity: 'error', object: '', field: '', ...document };
}

/** By line; equal sentences once. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const distinct = new Map(findings.map((finding) => [`${finding.field}: ${finding.message}`, finding]));
  return [...distinct.values()].toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}
