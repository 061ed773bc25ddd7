// Pure: a long list as YAML, item by item, so that it is never held whole.
import type { ListFrame } from './json-encoder.ts';
import { jsonToYaml, jsonToYamlItem } from './yaml.ts';

/** `frame` and `items` are JSON. The frame's one empty list, under a key of the root, is where the items go. */
export function* yamlList(items: Iterable<string>, frame: ListFrame): Generator<string> {
  const empty = jsonToYaml(frame.prefix + frame.suffix);
  const [before = '', after = ''] = empty.split(/(?<=^\w+:) \[\]$/m, 2);
  let isEmpty = true;
  for (const item of items) {
    yield (isEmpty ? `${before}\n` : '') + jsonToYamlItem(item);
    isEmpty = false;
  }
  yield isEmpty ? empty : after.slice(1);
}
