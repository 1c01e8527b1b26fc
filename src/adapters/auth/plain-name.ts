/** Whether a text can be a name. Whoever issues tokens or certificates may be careless with what stands in them. */
export function isPlainName(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return text !== '' && !/[\u0000-\u001f]/.test(text);
}
