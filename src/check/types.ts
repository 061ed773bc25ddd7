// Types only: manifests as trees that know where they stand, and what is found in them.

/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface Placed {
  readonly at: Position;
}

/** A JSON value as the API server gets to see it; numbers keep their text, because Go does not read them as doubles. */
export type Node =
  | (Placed & { readonly kind: 'object'; readonly entries: readonly Entry[] })
  | (Placed & { readonly kind: 'array'; readonly items: readonly Node[] })
  | (Placed & { readonly kind: 'string'; readonly value: string })
  | (Placed & { readonly kind: 'number'; readonly text: string })
  | (Placed & { readonly kind: 'boolean'; readonly value: boolean })
  | (Placed & { readonly kind: 'null' });

export type ObjectNode = Extract<Node, { kind: 'object' }>;

/** One field of an object; `at` is where its name stands. */
export interface Entry extends Placed {
  readonly key: string;
  readonly value: Node;
}

/** Something wrong at a field; `message` in the words of the API server. */
export interface Problem extends Placed {
  /** Path from the object's root: `spec.metrics[0].resource.name`. */
  readonly field: string;
  readonly message: string;
  /** Names that the field may have meant, for they are not taken; only for unknown fields. */
  readonly knownNames?: readonly string[];
}

/** A mapping key that was there already. Only YAML reports it so; in JSON the decoder finds it. */
export interface RepeatedKey extends Placed {
  readonly field: string;
  /** The key as Go prints it in a message. */
  readonly key: string;
  /** Line of its value, counted from the start of the document. */
  readonly lineOfDocument: number;
}

/** One document of a file. */
export interface SourceDocument {
  readonly file: string;
  readonly format: 'yaml' | 'json';
  readonly root: Node;
  readonly repeatedKeys: readonly RepeatedKey[];
}

/** A document, or part of one, that is no YAML, no JSON or no object. */
export interface UnreadableDocument extends Placed {
  readonly file: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/** One object of a manifest, taken out of its list if it was in one. */
export interface ManifestObject {
  readonly file: string;
  readonly root: ObjectNode;
  /** '' when it is missing or no string. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** As written; '' when missing. */
  readonly namespace: string;
  readonly repeatedKeys: readonly RepeatedKey[];
}

/** An autoscaler in the form of autoscaling/v2 with every default filled in: what the controller would get to see. */
export interface AdmittedAutoscaler {
  readonly object: ManifestObject;
  readonly root: ObjectNode;
}

/**
 * How far an object got with the API server. It stops at the first step that finds something:
 * `lookup` - nobody serves the kind; `decode` - a value has the wrong type; `strict` - unknown or repeated fields;
 * `validate` - a value breaks a rule.
 */
export type Step = 'lookup' | 'decode' | 'strict' | 'validate';

export interface AdmissionSettings {
  /** The feature gate HPAScaleToZero of the API server. */
  readonly scaleToZero: boolean;
}

/** What the API server would say of an object, and what it would say once that is mended. */
export interface Verdict {
  readonly object: ManifestObject;
  /** Empty: it is admitted. Steps in order; the API server reports the first one only. */
  readonly refusals: readonly Refusal[];
  /** Undefined when it could not even be decoded. */
  readonly admitted: AdmittedAutoscaler | undefined;
}

export interface Refusal {
  readonly step: Step;
  readonly problems: readonly Problem[];
  /** The message of the Status that the API server answers with. */
  readonly message: string;
}

/** One line of the report. */
export interface Finding extends Placed {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** `HorizontalPodAutoscaler default/web`; '' when no object could be made out. */
  readonly object: string;
  readonly field: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}
