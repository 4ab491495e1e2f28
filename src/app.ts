import type { Action } from './activities/action.ts';
import type { Brain } from './activities/brain.ts';
import type { FactDefinition } from './activities/fact.ts';
import type { JobInput } from './workflows/messages.ts';

/** What a running app was given to work with. */
export interface AppEnvironment {
  /** The ledger's PostgreSQL server; an app keeps to schemas and roles of its own. */
  readonly databaseUrl: string;
  /** `smtp://host:port` the app sends mail through. */
  readonly smtpUrl: string;
  /** A folder the app may write to. */
  readonly dataDir: string;
  /** A folder of mail to work instead of the sample's. */
  readonly mailboxDir?: string;
}

/** One piece of work found: a job to start, or why there is none. */
export type Intake =
  | { readonly source: string; readonly workflowId: string; readonly input: JobInput }
  | { readonly source: string; readonly rejected: string };

/** The parts of an app once opened. */
export interface OpenApp {
  readonly actions: readonly Action[];
  readonly facts: readonly FactDefinition[];
  readonly brains: readonly Brain[];
  /** Finds the work to be done now; safe to call again: the same source gives the same Workflow id. */
  readonly intake: () => Promise<readonly Intake[]>;
  readonly close: () => Promise<void>;
}

/** A company's use of Remit: where its policy lives, and how its connectors are opened. */
export interface RemitApp {
  readonly name: string;
  /** Absolute path of the folder of `*.charter.yaml` files. */
  readonly chartersDir: string;
  /** Absolute path of the house rules file. */
  readonly houseRulesFile: string;
  readonly open: (environment: AppEnvironment) => Promise<OpenApp>;
}

export function defineApp(app: RemitApp): RemitApp {
  return app;
}
