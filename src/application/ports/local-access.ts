/** Lets whoever may read the broker's files use the admin API without set-up. */
export interface LocalAccess {
  /** Says where the API is, and by which token it lets in. @param certificate What to trust there, in PEM. */
  open(url: string, certificate: string | undefined): void;
  /** Nobody finds it any more. */
  close(): void;
}
