interface Process {
  env?: Record<string, string | undefined>;
  versions?: Record<string, string | undefined>;
}

const { process } = globalThis as { process?: Process };

/** Neither Node nor what says that it is like it (Deno, Bun): a page, its workers, and all that has just a fetch. */
export const inBrowser = process?.versions?.["node"] === undefined;

/** The platform's fetch, looked up for each call, so that what replaces it later counts. */
export const platformFetch: typeof fetch = (input, init) => fetch(input, init);

export function environment(name: string): string | undefined {
  return process?.env?.[name];
}
