import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { freePorts } from '../../operator/testkit/ports.ts';
import type { RuleGroup } from '../src/monitoring/rules.ts';
import { eventually } from './eventually.ts';
import { ensurePrometheus } from './prometheus-binaries.ts';

/** One series of a query result, at the current time. */
export interface Series {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

/** An alert that is firing, or pending until its `for` has passed. */
export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'firing' | 'pending';
}

/** A real Prometheus in its own process. */
export class PrometheusServer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #log: string;
  readonly #startedAt = Date.now() / 1_000;

  private constructor(child: ChildProcess, url: string, log: string) {
    this.#child = child;
    this.#url = url;
    this.#log = log;
  }

  /**
   * Starts Prometheus and waits until it is ready.
   *
   * @param folder folder for its data and log; it is created
   * @param scrape a scrape_config; without one it scrapes nothing
   * @param past samples to import first, in the OpenMetrics text format with timestamps
   */
  static async start(
    folder: string,
    { scrape, groups = [], past }: { scrape?: object; groups?: readonly RuleGroup[]; past?: string },
  ): Promise<PrometheusServer> {
    const programs = await ensurePrometheus();
    await mkdir(folder);
    if (past) await addPast(programs.get('promtool') ?? '', folder, past);
    // A busy machine may need most of a second for an answer.
    const often = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '500ms' };
    const config = { global: often, rule_files: ['rules.yaml'], scrape_configs: scrape ? [scrape] : [] };
    await writeFile(join(folder, 'prometheus.yaml'), stringify(config));
    await writeFile(join(folder, 'rules.yaml'), stringify({ groups }));
    const [port] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const log = join(folder, 'prometheus.log');
    const args = [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=60d',
      `--web.listen-address=${address}`,
    ];
    const child = spawn(programs.get('prometheus') ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.pipe(createWriteStream(log));
    const server = new PrometheusServer(child, `http://${address}`, log);
    try {
      await eventually(async () => (await fetch(`${server.#url}/-/ready`)).ok, { what: 'Prometheus', everyMs: 50 });
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw new Error(`Prometheus did not start: ${await readFile(log, 'utf8')}`, { cause: error });
    }
    return server;
  }

  /** Base URL. */
  get url(): string {
    return this.#url;
  }

  /** Evaluates an expression now. @throws Error with the message of Prometheus if the expression is invalid */
  async query(expr: string): Promise<Series[]> {
    const { result } = await this.#ask<{ result: Series[] }>('query', { query: expr });
    return result;
  }

  /** Counts the series of an expression since the server was started. @throws Error as query() does */
  async queryRange(expr: string): Promise<number> {
    const now = Date.now() / 1_000;
    const range = { query: expr, start: `${this.#startedAt}`, end: `${now}`, step: '1' };
    return (await this.#ask<{ result: unknown[] }>('query_range', range)).result.length;
  }

  /** Returns the firing and pending alerts. */
  async alerts(): Promise<Alert[]> {
    return (await this.#ask<{ alerts: Alert[] }>('alerts', {})).alerts;
  }

  async #ask<T>(what: string, parameters: Record<string, string>): Promise<T> {
    const answer = await fetch(`${this.#url}/api/v1/${what}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`${parameters.query ?? what}: ${error}; see ${this.#log}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

async function addPast(promtool: string, folder: string, text: string): Promise<void> {
  const file = join(folder, 'past.txt');
  await writeFile(file, text);
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', '--max-block-duration=48h', file];
  await promisify(execFile)(promtool, [...args, join(folder, 'data')]);
}
