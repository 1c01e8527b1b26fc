/** One thing that is wrong with a setting, with what it names, or with several that cannot stand together. */
export interface SettingFault {
  /** Where the setting stands: `['listeners', 0, 'tls', 'keyFile']`. */
  readonly path: readonly (string | number)[];
  /** What is wrong, without the setting's name. Never holds a secret. */
  readonly problem: string;
  /** What the operator can do about it. */
  readonly action: string;
}
