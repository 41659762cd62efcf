// Made from builder/wire: go test ./builder/wire -update

export interface Command {
  do: string;
  what?: string[];
  into?: string[];
  file?: string;
  index?: number;
  text?: string;
  count?: number;
  was?: string;
  ask?: number;
  at?: number;
  rev?: number;
  by?: string;
  sets?: unknown[];
}

export interface Update {
  html?: string[];
  changes?: Change[];
  diags?: Diags;
  offers?: Offers;
  say?: string;
  wrong?: boolean;
  anew?: boolean;
}

export interface Change {
  file: string;
  by: string;
  set: unknown;
}

export interface Offers {
  ask: number;
  from: number;
  to: number;
  list: Offer[];
}

export interface Offer {
  label: string;
  text: string;
  kind: string;
  detail?: string;
  doc?: string;
}

export interface Diags {
  file: string;
  rev: number;
  list: Diag[];
}

export interface Diag {
  from: number;
  to: number;
  severity: string;
  message: string;
  code: string;
}
