// Pure: documents -> the objects in them, lists opened as kubectl opens them.
import { Field } from './field.ts';
import type { ManifestObject, Node, RepeatedKey, SourceDocument, UnreadableDocument } from './types.ts';

/** The objects of a document in their order. What is no object, or has no kind, is as unreadable as a wrong text. */
export function objectsOf(document: SourceDocument): (ManifestObject | UnreadableDocument)[] {
  return objectsIn(document.root, document, document.repeatedKeys);
}

function objectsIn(
  root: Node,
  document: SourceDocument,
  repeatedKeys: readonly RepeatedKey[],
): (ManifestObject | UnreadableDocument)[] {
  const { file } = document;
  if (root.kind !== 'object') {
    return [{ file, at: root.at, message: `couldn't get version/kind; json parse error: a ${root.kind} is no object` }];
  }
  const object = Field.root(root);
  const [apiVersion, kind] = [object.child('apiVersion').text(), object.child('kind').text()];
  if (kind === '') return [{ file, at: object.child('kind').at, message: "Object 'Kind' is missing" }];
  if (apiVersion === '') {
    return [{ file, at: object.child('apiVersion').at, message: "Object 'apiVersion' is missing" }];
  }
  const items = object.child('items');
  if (kind.endsWith('List') && items.node?.kind === 'array') {
    return items.items().flatMap((item) => {
      const own = repeatedKeys.filter(({ field }) => field.startsWith(`${item.path}.`));
      const renamed = own.map((key) => ({ ...key, field: key.field.slice(item.path.length + 1) }));
      return item.node === undefined ? [] : objectsIn(item.node, document, renamed);
    });
  }
  const metadata = object.child('metadata');
  const name = metadata.child('name').text() || metadata.child('generateName').text();
  return [{ file, root, apiVersion, kind, name, namespace: metadata.child('namespace').text(), repeatedKeys }];
}
