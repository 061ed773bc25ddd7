// Types only: who asks, as TokenReviews give it and SubjectAccessReviews take it.

/** An authenticated caller (user.Info of the API machinery). */
export interface UserInfo {
  readonly name: string;
  /** '' when unknown. */
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}
