const known = new WeakMap<object, string>();

export function rememberEtag(value: unknown, headers: Headers): void {
  const etag = headers.get("etag");
  if (etag !== null && typeof value === "object" && value !== null) known.set(value, etag);
}

/** The ETag of a resource's response; for an item of a list, the one from its `version`. */
export function etagOf(value: object): string | undefined {
  const { version } = value as { version?: unknown };
  return known.get(value) ?? (typeof version === "number" ? `"${version}"` : undefined);
}

/** The value for If-Match. Throws a TypeError for a resource without an ETag. */
export function ifMatch(value: object | string | number): string {
  if (typeof value === "number") return `"${value}"`;
  if (typeof value === "string") return /^\d+$/.test(value) ? `"${value}"` : value;
  const etag = etagOf(value);
  if (etag === undefined) throw new TypeError("This has no ETag: get it by its id first.");
  return etag;
}
