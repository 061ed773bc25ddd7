// Pure: a cursor over a decoded tree: a path, the value there if any, and the place in the file to point at.
import type { Entry, Node, Position } from './types.ts';

/** A field of an object, present or not; an absent one stands where its parent does. */
export class Field {
  readonly path: string;
  readonly node: Node | undefined;
  readonly at: Position;

  constructor(path: string, node: Node | undefined, at: Position) {
    this.path = path;
    this.node = node;
    this.at = at;
  }

  static root(node: Node): Field {
    return new Field('', node, node.at);
  }

  get isPresent(): boolean {
    return this.node !== undefined;
  }

  child(name: string): Field {
    const path = this.path === '' ? name : `${this.path}.${name}`;
    const entry = this.entries().find(({ key }) => key === name);
    return new Field(path, entry?.value, entry?.at ?? this.at);
  }

  /** `scaleTargetRef.kind` */
  descend(...names: readonly string[]): Field {
    return names.reduce((field: Field, name) => field.child(name), this);
  }

  /** The items of a list; none when absent. */
  items(): Field[] {
    const items = this.node?.kind === 'array' ? this.node.items : [];
    return items.map((node, index) => new Field(`${this.path}[${index}]`, node, node.at));
  }

  /** The entries of an object or map; none when absent. */
  entries(): readonly Entry[] {
    return this.node?.kind === 'object' ? this.node.entries : [];
  }

  /** The text of a string; '' when absent. */
  text(): string {
    return this.node?.kind === 'string' ? this.node.value : '';
  }

  /** undefined when absent. */
  optionalText(): string | undefined {
    return this.node?.kind === 'string' ? this.node.value : undefined;
  }

  /** An integer of at most 32 bits; undefined when absent. */
  optionalInteger(): number | undefined {
    return this.node?.kind === 'number' ? Number(this.node.text) : undefined;
  }

  /** 0 when absent. */
  integer(): number {
    return this.optionalInteger() ?? 0;
  }

  isTrue(): boolean {
    return this.node?.kind === 'boolean' && this.node.value;
  }
}
