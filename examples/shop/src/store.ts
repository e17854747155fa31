import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { FIRST_PRODUCTS, type PricedOrder, type Product, type StoredOrder } from './catalog.ts';

const IN_MEMORY = ':memory:';
/** How long a statement waits for the writers of other pods. The event loop stands still meanwhile. */
const LOCK_MS = 1_000;
const OPEN_ATTEMPTS = 50;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS products (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, priceCents INTEGER NOT NULL, stock INTEGER CHECK (stock >= 0)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, createdAt TEXT NOT NULL, product TEXT NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL, customer TEXT NOT NULL, discountPercent INTEGER NOT NULL, totalCents INTEGER NOT NULL
  ) STRICT;`;

/**
 * Returns the file of the database in the folder of the volume, or `:memory:` if there is no such folder.
 * @throws Error if the folder is not writable: data must not silently go to memory
 */
export function databaseIn(folder: string): string {
  if (!existsSync(folder)) return IN_MEMORY;
  try {
    accessSync(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Error(
      `The data folder ${folder} is not writable for user ${process.getuid?.()}: ` +
        'set spec.repository.securityContext.fsGroup of the RestAPI, or change the owner of the volume',
      { cause: error },
    );
  }
  return join(folder, 'shop.db');
}

/** Products and orders in SQLite. Pods on the same node can share the file. */
export class Store implements Disposable {
  readonly #database: DatabaseSync;
  readonly #products: StatementSync;
  readonly #product: StatementSync;
  readonly #orders: StatementSync;
  readonly #take: StatementSync;
  readonly #insert: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#products = database.prepare('SELECT * FROM products ORDER BY rowid');
    this.#product = database.prepare('SELECT * FROM products WHERE id = ?');
    this.#orders = database.prepare('SELECT * FROM orders ORDER BY id DESC LIMIT ?');
    this.#take = database.prepare(
      'UPDATE products SET stock = stock - ?2 WHERE id = ?1 AND (stock IS NULL OR stock >= ?2)',
    );
    this.#insert = database.prepare(
      `INSERT INTO orders (createdAt, product, quantity, customer, discountPercent, totalCents)
       VALUES (?, ?, ?, ?, ?, ?) RETURNING *`,
    );
  }

  /**
   * Opens the database, and creates its tables and products on first use.
   * @param journalMode `wal` lets readers and a writer work at once but needs memory that the pods share, so all of them
   * must be on one node; `delete` also works on network file systems with locks
   */
  static async open(file: string, journalMode: 'wal' | 'delete' = 'wal'): Promise<Store> {
    const database = new DatabaseSync(file, { timeout: LOCK_MS });
    for (let attempt = 1; ; attempt += 1) {
      try {
        database.exec(`PRAGMA journal_mode = ${journalMode}; PRAGMA synchronous = NORMAL;`);
        break;
      } catch (error) {
        // SQLite does not wait by itself when two pods change the mode of a new file at the same time.
        if (attempt === OPEN_ATTEMPTS) throw error;
        await sleep(20);
      }
    }
    inTransaction(database, () => {
      database.exec(SCHEMA);
      const add = database.prepare('INSERT OR IGNORE INTO products (id, name, priceCents, stock) VALUES (?, ?, ?, ?)');
      for (const { id, name, priceCents, stock } of FIRST_PRODUCTS) add.run(id, name, priceCents, stock);
    });
    return new Store(database);
  }

  products(): Product[] {
    return this.#products.all() as unknown as Product[];
  }

  product(id: string): Product | undefined {
    return this.#product.get(id) as Product | undefined;
  }

  /** Returns the latest orders, newest first. */
  orders(limit: number): StoredOrder[] {
    return this.#orders.all(limit) as unknown as StoredOrder[];
  }

  /** Takes an order's pieces from the stock and stores it; undefined if the stock no longer covers it. */
  addOrder({ product, quantity, customer, discountPercent, totalCents }: PricedOrder): StoredOrder | undefined {
    return inTransaction(this.#database, () => {
      if (this.#take.run(product, quantity).changes === 0) return undefined;
      const createdAt = new Date().toISOString();
      const stored = this.#insert.get(createdAt, product, quantity, customer, discountPercent, totalCents);
      return stored as unknown as StoredOrder;
    });
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  // Takes the lock of the writer at once: one that reads first may fail later, without waiting.
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
