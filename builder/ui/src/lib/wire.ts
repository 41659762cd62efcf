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
  told?: Told;
  go?: Go;
  carets?: Carets;
  here?: Here;
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

export interface Told {
  ask: number;
  from: number;
  to: number;
  html?: string;
}

export interface Go {
  file?: string;
  at?: number;
  href: string;
  quiet?: boolean;
}

export interface Carets {
  rev: number;
  list: Caret[];
}

export interface Here {
  path: string[];
  file: string;
}

export interface Caret {
  name: string;
  hue: number;
  at: number;
  to: number;
}

export interface Diags {
  file: string;
  rev: number;
  list: Diag[];
  folds?: number[][];
}

export interface Diag {
  from: number;
  to: number;
  severity: string;
  message: string;
  code: string;
}
