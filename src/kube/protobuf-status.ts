// Pure: metav1.Status in protobuf, with which a server that was asked for protobuf says no.
import type { StatusBody, StatusDetails } from './api-status-error.ts';
import type { ProtobufReader } from './protobuf-reader.ts';

// Field numbers: apimachinery pkg/apis/meta/v1/generated.proto.
const statusFields = { message: 3, reason: 4, details: 5, code: 6 } as const;
const detailsFields = { name: 1, group: 2, kind: 3, causes: 4, retryAfterSeconds: 5, uid: 6 } as const;
const causeFields = { reason: 1, message: 2, field: 3 } as const;

type Cause = NonNullable<StatusDetails['causes']>[number];

/** A Status of failure. Numbers that are not set are sent as 0. Throws ProtobufError. */
export function readStatusMessage(status: ProtobufReader): StatusBody {
  let message = '';
  let reason = '';
  let code = 0;
  let details: StatusDetails | undefined;
  while (status.next()) {
    if (status.field === statusFields.message) message = status.text();
    else if (status.field === statusFields.reason) reason = status.text();
    else if (status.field === statusFields.code) code = status.integer();
    else if (status.field === statusFields.details) details = readDetails(status.message());
    else status.skip();
  }
  return {
    status: 'Failure',
    message,
    reason,
    ...(code === 0 ? {} : { code }),
    ...(details === undefined ? {} : { details }),
  };
}

function readDetails(message: ProtobufReader): StatusDetails {
  const texts = { name: '', group: '', kind: '', uid: '' };
  const causes: Cause[] = [];
  let retryAfterSeconds = 0;
  while (message.next()) {
    if (message.field === detailsFields.name) texts.name = message.text();
    else if (message.field === detailsFields.group) texts.group = message.text();
    else if (message.field === detailsFields.kind) texts.kind = message.text();
    else if (message.field === detailsFields.uid) texts.uid = message.text();
    else if (message.field === detailsFields.causes) causes.push(readCause(message.message()));
    else if (message.field === detailsFields.retryAfterSeconds) retryAfterSeconds = message.integer();
    else message.skip();
  }
  return { ...texts, causes, ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }) };
}

function readCause(message: ProtobufReader): Cause {
  const cause = { reason: '', message: '', field: '' };
  while (message.next()) {
    if (message.field === causeFields.reason) cause.reason = message.text();
    else if (message.field === causeFields.message) cause.message = message.text();
    else if (message.field === causeFields.field) cause.field = message.text();
    else message.skip();
  }
  return cause;
}
