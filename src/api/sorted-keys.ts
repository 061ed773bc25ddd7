// Pure: the keys of a string map in their order on the wire.

/** Sorted; not sorted again when they are so already, as the labels of most pods are. */
export function sortedKeys(map: Readonly<Record<string, string>>): readonly string[] {
  const keys = Object.keys(map);
  let previous = '';
  for (const key of keys) {
    if (key < previous) return keys.toSorted();
    previous = key;
  }
  return keys;
}
