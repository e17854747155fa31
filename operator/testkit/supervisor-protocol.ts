// The lines between a test process and its supervisor: one JSON object each, over the supervisor's stdin and stdout.

import type { ProcessIdentity } from './process-identity.ts';

export interface StartCommand {
  /** The component's name; also its log's. */
  name: string;
  file: string;
  args: string[];
  /** Standard output and error are appended to this file. */
  logFile: string;
  /**
   * The program is a wrapper (nsenter, unshare) whose only child runs in a PID namespace of its own: signals go to that child,
   * and its number is reported.
   */
  nested?: boolean;
}

export type Command =
  | ({ op: 'start' } & StartCommand)
  /** Sends a signal and answers at once. */
  | { op: 'signal'; name: string; signal: NodeJS.Signals }
  /** Sends a signal and answers when the process has ended; after the deadline SIGKILL follows. */
  | { op: 'end'; name: string; signal: NodeJS.Signals; deadlineMs: number }
  /** Ends everything, removes the folder, answers, exits. */
  | { op: 'shutdown' };

export type Request = Command & { id: number };

export type Reply = { id: number; pid?: number } | { id: number; error: string };

/** Sent when a component has ended, for whatever reason. */
export interface Exited {
  exited: string;
  pid: number;
  code: number | null;
  signal: string | null;
}

/** `supervisor.json` in the cluster's folder: whom the next start must look for if the supervisor itself was killed. */
export interface SupervisorRecord {
  supervisor: ProcessIdentity;
  components: ProcessIdentity[];
}

export const RECORD_FILE = 'supervisor.json';
