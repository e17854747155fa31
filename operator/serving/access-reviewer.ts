import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { RecentVerdicts, type Verdict } from './recent-verdicts.ts';

const TOKEN_REVIEW = review('authentication.k8s.io', 'TokenReview', 'tokenreviews');
const ACCESS_REVIEW = review('authorization.k8s.io', 'SubjectAccessReview', 'subjectaccessreviews');

/** Deadline of one review, waiting for its turn included, in milliseconds. Two fit into the usual timeout of a scrape, 10 s. */
const REVIEW_MS = 4_000;
/** Reviews at a time. */
const CONCURRENT = 4;
/** Most clients that wait for a review: what more of them send is refused unreviewed. */
const MOST_WAITING = 64;

interface User {
  username?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

interface TokenReview extends KubernetesObject {
  spec: { token: string };
  status?: { authenticated?: boolean; user?: User };
}

interface AccessReview extends KubernetesObject {
  spec: object;
  status?: { allowed?: boolean };
}

/**
 * Asks the API server who a token belongs to (TokenReview) and whether that user may `get` a path (SubjectAccessReview of a
 * nonResourceURL). Needs create on both, as the ClusterRole `system:auth-delegator` grants. Verdicts are reused: see RecentVerdicts.
 */
export class AccessReviewer {
  readonly #client: ApiClient;
  readonly #recent: RecentVerdicts;
  readonly #pending = new Map<string, Promise<Verdict>>();

  /** @param client reviews get connections of their own, so that they neither delay other requests nor wait for them */
  constructor(client: ApiClient, recent = new RecentVerdicts()) {
    // A standby reviews too: these writes store nothing.
    this.#client = client.lane({ maxConcurrentRequests: CONCURRENT, mayWrite: () => true });
    this.#recent = recent;
  }

  /**
   * Returns whether the user of a token may `get` a path. Equal questions at the same time are asked once.
   *
   * @throws Error if the API server gives no answer in time, or refuses the review itself; nothing is remembered then
   */
  async verdict(token: string, path: string): Promise<Verdict> {
    const key = createHash('sha256').update(`${path}\n${token}`).digest('base64');
    const known = this.#recent.find(key);
    if (known) return known;
    const pending = this.#pending.get(key);
    if (pending) return pending;
    if (this.#pending.size >= MOST_WAITING)
      throw new Error(`${MOST_WAITING} clients wait for the review of their tokens`);
    const asked = this.#ask(token, path);
    this.#pending.set(key, asked);
    try {
      const verdict = await asked;
      this.#recent.add(key, verdict);
      return verdict;
    } finally {
      this.#pending.delete(key);
    }
  }

  async #ask(token: string, path: string): Promise<Verdict> {
    const { status: who } = await this.#client.create<TokenReview>(
      TOKEN_REVIEW,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } },
      { signal: AbortSignal.timeout(REVIEW_MS) },
    );
    if (who?.authenticated !== true || !who.user?.username) return 'unauthenticated';
    const { username: user, uid, groups, extra } = who.user;
    const spec = { user, uid, groups, extra, nonResourceAttributes: { path, verb: 'get' } };
    const { status: may } = await this.#client.create<AccessReview>(
      ACCESS_REVIEW,
      { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec },
      { signal: AbortSignal.timeout(REVIEW_MS) },
    );
    return may?.allowed === true ? 'allowed' : 'forbidden';
  }
}

function review(group: string, kind: string, plural: string): ResourceType {
  return { group, version: 'v1', kind, plural, namespaced: false };
}
