// Pure: reading JSON of unknown shape with the path at hand, so that a wrong value is named by its place.
import { HeadroomError } from '../lib/errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value somewhere inside a JSON document. null counts as absent, as it does for the optional fields of Kubernetes types. */
export class JsonNode {
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path = '') {
    this.#value = value ?? undefined;
    this.#path = path;
  }

  get isAbsent(): boolean {
    return this.#value === undefined;
  }

  /** The member of an object; absent when the object is. */
  get(name: string): JsonNode {
    const path = this.#path === '' ? name : `${this.#path}.${name}`;
    return new JsonNode(this.isAbsent ? undefined : this.object()[name], path);
  }

  /** '' when absent. */
  text(): string {
    return this.optionalText() ?? '';
  }

  optionalText(): string | undefined {
    if (this.isAbsent) return undefined;
    return typeof this.#value === 'string' ? this.#value : this.#fail('is not a string');
  }

  requiredText(): string {
    return this.optionalText() || this.#fail('is missing');
  }

  integer(): number {
    return this.optionalInteger() ?? this.#fail('is missing');
  }

  optionalInteger(): number | undefined {
    if (this.isAbsent) return undefined;
    const value = this.#value;
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.#fail('is not an integer');
  }

  optionalBoolean(): boolean | undefined {
    if (this.isAbsent) return undefined;
    return typeof this.#value === 'boolean' ? this.#value : this.#fail('is not a boolean');
  }

  /** A quantity as text, with space around it as Kubernetes takes it; it also takes a bare number. */
  optionalQuantity<T>(parse: (text: string) => T): T | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.#value !== 'string' && typeof this.#value !== 'number') return this.#fail('is not a quantity');
    try {
      return parse(String(this.#value).trim());
    } catch (error) {
      return this.#fail('is not a quantity', error);
    }
  }

  /** The elements of a list; none when absent. */
  items(): readonly JsonNode[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.#value)) return this.#fail('is not a list');
    return this.#value.map((item, index) => new JsonNode(item, `${this.#path}[${index}]`));
  }

  /** What `read` makes of the node, or undefined when it is absent. */
  optional<T>(read: (node: JsonNode) => T): T | undefined {
    return this.isAbsent ? undefined : read(this);
  }

  textMap(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.keys(this.object()).map((name) => [name, this.get(name).text()]));
  }

  /** The node itself when it is an object; fails when it is absent or anything else. */
  required(): JsonNode {
    this.object();
    return this;
  }

  /** The members by name; fails when the node is absent or anything but an object. */
  object(): JsonObject {
    if (isJsonObject(this.#value)) return this.#value;
    return this.#fail(this.isAbsent ? 'is missing' : 'is not an object');
  }

  #fail(problem: string, cause?: unknown): never {
    throw new HeadroomError('OBJECT_INVALID', `${this.#path === '' ? 'object' : this.#path} ${problem}`, {
      cause,
      retryable: false,
    });
  }
}
