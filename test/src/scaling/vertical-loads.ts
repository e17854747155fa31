import { killed, NO_HISTORY, observed, type UsageHistory } from '../../../src/scaling/vertical/index.ts';

const DAY = 24 * 60;
const MIB = 1024 ** 2;

interface Load {
  minutes: number;
  /** Cores and bytes in each minute; noise is from 0 to 1. */
  cpu: (minute: number, noise: number) => number;
  memory: (minute: number, noise: number) => number;
  oom?: { at: number; had: number };
}

/** The loads of vertical-reference.json, as vpa-reference/main.go has them. */
export const LOADS: Record<string, Load> = {
  steady: { minutes: 3 * DAY, cpu: () => 0.2, memory: () => 200 * MIB },
  noisy: {
    minutes: 5 * DAY,
    cpu: (_, noise) => 0.05 + 1.5 * noise * noise,
    memory: (_, noise) => (150 + 300 * noise) * MIB,
  },
  daily: {
    minutes: 10 * DAY,
    cpu: (minute, noise) => ((minute % DAY) / DAY) * 2 + 0.1 * noise,
    memory: (minute, noise) => (300 + Math.floor(minute / DAY) * 40 + 50 * noise) * MIB,
  },
  step: {
    minutes: 8 * DAY,
    cpu: (minute, noise) => (minute < 3 * DAY ? 2 + noise : 0.1 + 0.05 * noise),
    memory: (minute, noise) => (minute < 3 * DAY ? 2_000 + 100 * noise : 200 + 10 * noise) * MIB,
  },
  oom: {
    minutes: 3 * DAY,
    cpu: (_, noise) => 0.3 + 0.1 * noise,
    memory: (_, noise) => (100 + 20 * noise) * MIB,
    oom: { at: DAY + 600, had: 256 * MIB },
  },
};

const START = Date.UTC(2026, 0, 1);

/** Plays a load to one pod, minute by minute. @param look called after each minute */
export function play(load: Load, look: (minute: number, history: UsageHistory) => UsageHistory | undefined): void {
  let history = NO_HISTORY;
  let random = 1;
  for (let minute = 0; minute < load.minutes; minute++) {
    random = (random * 75) % 65_537;
    const noise = random / 65_537;
    const at = START + minute * 60_000;
    // In what VPA counts in: thousandths of a core, and bytes.
    const cpu = Math.round(load.cpu(minute, noise) * 1_000) / 1_000;
    history = observed(history, at, [{ cpu, memory: Math.round(load.memory(minute, noise)) }]);
    if (load.oom?.at === minute) history = killed(history, at, load.oom.had);
    history = look(minute, history) ?? history;
  }
}
