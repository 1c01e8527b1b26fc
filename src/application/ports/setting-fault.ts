/** One thing that is wrong with what a setting names: a file that can't be read, a certificate that has expired. */
export interface SettingFault {
  /** Where the setting stands: `['listeners', 0, 'tls', 'keyFile']`. */
  readonly path: readonly (string | number)[];
  /** What is wrong, without the setting's name. Never holds a secret. */
  readonly problem: string;
  /** What the operator can do about it. */
  readonly action: string;
}
