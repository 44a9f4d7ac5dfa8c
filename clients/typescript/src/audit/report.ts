export type Kind =
  | "not_readable"
  | "truncated"
  | "altered"
  | "removed"
  | "inserted"
  | "reordered"
  | "signature"
  | "root"
  | "earlier_head";

/** What is wrong, and at which event, if one can be named. */
export interface Finding {
  kind: Kind;
  detail: string;
  seq: number | null;
}

/** `findings` is empty if everything is as signed. It has at most a thousand about single lines. */
export class Report {
  events = 0;
  size = 0;
  root = "";
  findings: Finding[] = [];

  add(kind: Kind, detail: string, seq: number | null = null): void {
    this.findings.push({ kind, detail, seq });
  }
}
