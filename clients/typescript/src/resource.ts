import type { Api } from "./api.js";

/** Methods of one area of the API. */
export class Resource {
  protected readonly api!: Api;

  constructor(api: Api) {
    Object.defineProperty(this, "api", { value: api });
  }
}

/** A value in a path, quoted, so that a name may hold a slash. */
export function segment(value: string | number): string {
  const text = String(value);
  // An empty segment would be another route, and dots would be taken as steps in the path.
  if (text === "" || text === "." || text === "..") throw new TypeError(`"${text}" cannot be part of a path`);
  return encodeURIComponent(text);
}
