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

/** What is wrong, and at which event, where one can be named. */
export interface Finding {
  kind: Kind;
  detail: string;
  seq: number | null;
}

/** `findings` is empty when all is as it was signed. Of single lines at most a thousand are told. */
export class Report {
  events = 0;
  size = 0;
  root = "";
  findings: Finding[] = [];

  tell(kind: Kind, detail: string, seq: number | null = null): void {
    this.findings.push({ kind, detail, seq });
  }
}
