// Pure: what to write where a value has the wrong type, told by the names of what was found and what was wanted.

/** Of Go: `json: cannot unmarshal number 5.5 into Go struct field A.b.c of type int32`. */
const ofGo = /cannot unmarshal (?<found>\w+)(?: \S+)? into .* of type (?<wanted>\S+)$/;
/** Of a schema: `spec.metrics in body must be of type array: "object"`. What was found may be empty. */
const ofSchema = /in body must be of type (?<wanted>\w+): "(?<found>\w*)"$/;

type Kind = 'integer' | 'float' | 'boolean' | 'text' | 'list' | 'map' | 'object';

/** String types with a name of their own end so; other names are those of structs. */
const kinds: readonly (readonly [name: RegExp, kind: Kind])[] = [
  [/^int/, 'integer'],
  [/^float/, 'float'],
  [/^bool/, 'boolean'],
  [/^(\[\]|array$)/, 'list'],
  [/^map\[/, 'map'],
  [/^string$|(Name|Type|Select|Operator|UID|ConditionStatus)$/, 'text'],
];

/** undefined for a message about something else. */
export function adviceForType(message: string): string | undefined {
  const { found = '', wanted = '' } = (ofGo.exec(message) ?? ofSchema.exec(message))?.groups ?? {};
  if (wanted === '') return undefined;
  const kind = kinds.find(([name]) => name.test(wanted))?.[1] ?? 'object';
  return advice[kind](found);
}

const advice: Readonly<Record<Kind, (found: string) => string>> = {
  integer: (found) => {
    if (found === 'string') return 'write the number without quotes';
    if (found.startsWith('bool')) return 'write a number; unquoted yes, no, on and off mean true and false';
    return /^(number|float)/.test(found) ? 'write a whole number that fits 32 bits' : 'write a whole number';
  },
  float: () => 'write a smaller number',
  boolean: (found) => (found === 'string' ? 'write true or false, without quotes' : 'write true or false'),
  text: (found) => {
    if (found.startsWith('bool')) return 'put it in quotes; unquoted true, yes, no, on and off are no text';
    return /^(number|integer)/.test(found) ? 'put the number in quotes' : 'write a single text';
  },
  list: () => 'write a list: one line with a dash for each item',
  map: () => 'write names with a text each, such as app: web',
  object: (found) =>
    found === 'array'
      ? 'write one object, without dashes'
      : 'write its fields on lines of their own below it, indented',
};
