/**
 * The provisional registration numbers that this phone holds. The office leases them; the phone uses each for one family
 * and invents none. What was used is read from the records themselves, so a number is used in the moment the record is.
 */

import type { Database } from "./database";

interface Pool {
  readonly version: string;
  readonly numbers: readonly string[];
}

export interface NumbersAnswer {
  readonly numbers_version?: string;
  /** Null when the phone holds these already. */
  readonly registration_numbers?: readonly string[] | null;
}

const POOL = "registration_numbers";

/** This will keep the pool as the server said it; a server that says nothing of numbers changes nothing. */
export async function keepNumbers(db: Database, told: NumbersAnswer): Promise<void> {
  const { numbers_version, registration_numbers } = told;
  if (numbers_version === undefined || !registration_numbers) return;
  await db.write(POOL, { version: numbers_version, numbers: [...registration_numbers] } satisfies Pool);
}

/** This will give the version of the pool that the phone holds, as the end of a query. */
export async function numbersQuery(db: Database): Promise<string> {
  const pool = await db.read<Pool>(POOL);
  return pool === undefined ? "" : `&numbers=${encodeURIComponent(pool.version)}`;
}

/** This will give the numbers that no record of this phone has used, in the order in which they are used. */
export async function freeNumbers(db: Database): Promise<string[]> {
  const pool = await db.read<Pool>(POOL);
  if (pool === undefined) return [];
  const rows = await db.queue.where("subjects").anyOf([...pool.numbers]).toArray();
  const used = new Set(rows.flatMap((row) => (row.type === "household.registered" ? row.subjects : [])));
  return pool.numbers.filter((number) => !used.has(number));
}
