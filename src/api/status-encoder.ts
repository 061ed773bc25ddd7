// Pure: a Status as it goes over the wire.
import type { ApiDocument } from './document.ts';
import { jsonString } from './go-json.ts';
import { emptyListMeta, field, uint, wrap } from './protobuf.ts';
import type { Status, StatusCause, StatusDetails } from './status.ts';

export function statusDocument(status: Status): ApiDocument {
  return { json: statusJson(status), protobuf: statusProtobuf(status) };
}

function statusJson({ code, reason, message, details }: Status): string {
  const shown = details === undefined ? '' : `"details":${detailsJson(details)},`;
  return (
    '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",' +
    `"message":${jsonString(message)},"reason":${jsonString(reason)},${shown}"code":${code}}`
  );
}

function detailsJson({ name, group, kind, causes }: StatusDetails): string {
  const fields = [
    ...(name === '' ? [] : [`"name":${jsonString(name)}`]),
    ...(group === '' ? [] : [`"group":${jsonString(group)}`]),
    ...(kind === '' ? [] : [`"kind":${jsonString(kind)}`]),
    ...(causes.length === 0 ? [] : [`"causes":[${causes.map(causeJson).join(',')}]`]),
  ];
  return `{${fields.join(',')}}`;
}

function causeJson({ reason, message, field }: StatusCause): string {
  return `{"reason":${jsonString(reason)},"message":${jsonString(message)},"field":${jsonString(field)}}`;
}

function statusProtobuf({ code, reason, message, details }: Status): Buffer {
  const body = Buffer.concat([
    field(1, emptyListMeta),
    field(2, 'Failure'),
    field(3, message),
    field(4, reason),
    details === undefined ? Buffer.alloc(0) : field(5, detailsFields(details)),
    uint(6, code),
  ]);
  return wrap('v1', 'Status', body);
}

function detailsFields({ name, group, kind, causes }: StatusDetails): Buffer {
  const causeFields = causes.map((cause) =>
    field(4, field(1, cause.reason), field(2, cause.message), field(3, cause.field)),
  );
  return Buffer.concat([field(1, name), field(2, group), field(3, kind), ...causeFields, uint(5, 0), field(6)]);
}
