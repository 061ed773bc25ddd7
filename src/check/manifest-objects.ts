// Pure: documents -> the objects in them, lists opened as kubectl opens them.
import { Field } from './field.ts';
import type { ManifestObject, Node, RepeatedKey, SourceDocument, UnreadableDocument } from './types.ts';

type Found = (ManifestObject | UnreadableDocument)[];
type TypeMeta = Pick<ManifestObject, 'apiVersion' | 'kind'>;

/** The objects of a document in their order. What is no object, or has no kind, is as unreadable as a wrong text. */
export function objectsOf(document: SourceDocument): Found {
  return objectsIn(document.root, document, document.repeatedKeys, { apiVersion: '', kind: '' });
}

/** `inherited`: the type of an object that names none. */
function objectsIn(
  root: Node,
  document: SourceDocument,
  repeatedKeys: readonly RepeatedKey[],
  inherited: TypeMeta,
): Found {
  const { file } = document;
  if (root.kind !== 'object') {
    const message = `couldn't get version/kind; json parse error: a ${root.kind} is no object`;
    return [{ file, at: root.at, message, advice: 'write one object per document, in YAML or JSON' }];
  }
  const object = Field.root(root);
  const { apiVersion, kind } = typeOf(object, inherited);
  if (kind === '') return [missing(file, object.child('kind'), 'Kind')];
  if (apiVersion === '') return [missing(file, object.child('apiVersion'), 'apiVersion')];
  const items = object.child('items');
  if (kind.endsWith('List') && items.node?.kind === 'array') {
    const typeOfItems = { apiVersion, kind: kind.slice(0, -'List'.length) };
    return items.items().flatMap((item) => {
      const own = repeatedKeys.filter(({ field }) => field.startsWith(`${item.path}.`));
      const renamed = own.map((key) => ({ ...key, field: key.field.slice(item.path.length + 1) }));
      return item.node === undefined ? [] : objectsIn(item.node, document, renamed, typeOfItems);
    });
  }
  const metadata = object.child('metadata');
  const name = metadata.child('name').text() || metadata.child('generateName').text();
  return [{ file, root, apiVersion, kind, name, namespace: metadata.child('namespace').text(), repeatedKeys }];
}

/** The API server leaves the type out of the items of an `HorizontalPodAutoscalerList` and the like. */
function typeOf(object: Field, inherited: TypeMeta): TypeMeta {
  const [apiVersion, kind] = [object.child('apiVersion').text(), object.child('kind').text()];
  return apiVersion === '' && kind === '' ? inherited : { apiVersion, kind };
}

function missing(file: string, { at }: Field, what: 'Kind' | 'apiVersion'): UnreadableDocument {
  return { file, at, message: `Object '${what}' is missing`, advice: 'add apiVersion and kind' };
}
