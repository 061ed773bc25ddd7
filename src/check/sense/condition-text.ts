// Pure: a condition in one line, as `kubectl describe` puts its columns.
import type { ConditionUpdate } from '../../controller/decide/conditions.ts';

export function conditionText({ type, status, reason, message }: ConditionUpdate): string {
  return `${type} ${status} ${reason}: ${message}`;
}
