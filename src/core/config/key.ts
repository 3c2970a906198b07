/** One key of a section, as the manual tells of it. */
export interface Key {
  readonly name: string;
  /** What may be written, in a few words. */
  readonly values: string;
  /** What holds when it is not written: the value itself, or a remark in parentheses. */
  readonly byDefault: string;
  /** Sentences. */
  readonly about: string;
}

export const key = (name: string, values: string, byDefault: string, about: string): Key => ({
  name,
  values,
  byDefault,
  about,
});
