/**
 * What is being typed, sealed under the roster's key, so that nothing is lost when the phone rings or dies. Drafts are
 * kept and dropped in the order in which that was asked: none comes back after its record was made.
 */

import type { Database } from "./database";
import { openRow, rowName, sealRow, type OpenVault } from "./vault";

export class Drafts {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly db: Database) {}

  /** This will keep what is being typed. */
  async keep(vault: OpenVault, key: string, value: unknown): Promise<void> {
    await this.inTurn(async () => {
      await this.db.drafts.put({ key: await draftName(vault, key), sealed: await sealRow(vault.roster_key, value) });
    });
  }

  /** This will give back what was being typed. */
  async read<Value>(vault: OpenVault, key: string): Promise<Value | null> {
    const row = await this.inTurn(async () => this.db.drafts.get(await draftName(vault, key)));
    return row ? openRow<Value>(vault.roster_key, row.sealed) : null;
  }

  /** This will forget what was being typed. */
  async drop(vault: OpenVault, key: string): Promise<void> {
    await this.inTurn(async () => this.db.drafts.delete(await draftName(vault, key)));
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.turn.then(work, work);
    this.turn = turn;
    return turn;
  }
}

/** No family's uuid stands in a draft's name. */
async function draftName(vault: OpenVault, key: string): Promise<string> {
  return rowName(vault.index_key, `draft:${key}`);
}
