interface Process {
  env?: Record<string, string | undefined>;
  versions?: Record<string, string | undefined>;
}

const { process } = globalThis as { process?: Process };

/** A page, a worker, or another platform with fetch, but not Node, Deno or Bun. */
export const inBrowser = process?.versions?.["node"] === undefined;

/** The platform's fetch, looked up for each call, so that a later replacement is used. */
export const platformFetch: typeof fetch = (input, init) => fetch(input, init);

export function environment(name: string): string | undefined {
  return process?.env?.[name];
}
