/** What the app knows while it is open. One object, read by every screen; keys and names live only here, unlocked. */

import { isDrawn } from "../core/drawn";
import { pointOf } from "../core/es256";
import { grouped } from "../core/grouped";
import { writeReceipt, type Given, type Offer } from "../core/handoff";
import { isLive, type Lease } from "../core/lease";
import type { RevocationList } from "../core/revocation";
import { activeKey, keptRing, type Ring } from "../core/ring";
import { newBatchKey, type BatchKey } from "../core/seal";
import { newUuid } from "../core/uuid";
import type { Bytes } from "../core/bytes";
import { Clock } from "../device/clock";
import { Idle } from "../device/idle";
import { picturesMayCome } from "../device/network";
import { Database, type Identity, type QueuedEvent, type Vault } from "../store/database";
import { Drafts } from "../store/drafts";
import { FULL, isFull } from "../store/full";
import { portraitsLacking, watchPortrait } from "../store/portraits";
import { offerAgain, record, unsentCount, type Happening } from "../store/queue";
import { endRoster, openRoster, type Family, type Office, type OpenRoster } from "../store/roster";
import type { Held } from "../store/transfers";
import { openTickets, type HeldTickets } from "../store/tickets";
import { unlock, type OpenVault, type UnlockResult } from "../store/vault";
import { Client, type Outcome } from "../sync/client";
import { askAbout, reserve, type Asked, type Reservation } from "../sync/online";
import { synchronise } from "../sync/run";
import { readSigned } from "../sync/signed";
import { phasesOf, type DayPhase } from "./day";
import { receiptNumber } from "../core/event";
import { Room } from "./room.svelte";
import { practiceRow, practiceWorld, type PracticeCard } from "./practice";
import { settings } from "./settings.svelte";

export type Phase = "starting" | "unknown" | "locked" | "open" | "wiped";

const EMPTY: OpenRoster = { owner_name: "", days: [], families: new Map(), by_card: new Map() };
const SYNC_EVERY_MS = 60_000;
/** Left alone for this long, on the screen or hidden, the app locks itself. */
const LOCK_AFTER_MS = 5 * 60_000;
const LOOK_EVERY_MS = 15_000;

/** Records of this phone that the screens go by, beside what the office sends. */
const REMEMBERED = new Set(["benefit.delivered", "card.handed_over", "cards.received", "day.opened", "day.closed"]);

class Session {
  readonly db = new Database();
  phase = $state<Phase>("starting");
  identity = $state.raw<Identity | null>(null);
  roster = $state.raw<OpenRoster>(EMPTY);
  office = $state.raw<Office | null>(null);
  leases = $state.raw<readonly Lease[]>([]);
  /** Families whose rights came from another phone, by household number: the roster may not know them. */
  handed = $state.raw<Held["families"]>(new Map());
  list = $state.raw<RevocationList | null>(null);
  /** Parts of an entitlement that this phone delivered, by entitlement. */
  served = $state.raw<ReadonlyMap<string, QueuedEvent[]>>(new Map());
  /** Rights taken online, until when (Unix milliseconds), by entitlement. */
  reserved = $state.raw<ReadonlyMap<string, number>>(new Map());
  handed_over = $state.raw<ReadonlySet<string>>(new Set());
  /** Days at a point that this phone opened or closed, by day. */
  day_phases = $state.raw<ReadonlyMap<string, DayPhase>>(new Map());
  /** Parcels of cards that were counted on this phone. */
  counted_parcels = $state.raw<ReadonlySet<string>>(new Set());
  unsent = $state(0);
  /** Photos that the server does not have whole; they are sealed to it. */
  photos = $state(0);
  bundle_kept_at_ms = $state<number | null>(null);
  online = $state<boolean | null>(null);
  syncing = $state(false);
  /** Photos of families that are not here: how many, null where nobody counted them. */
  pictures_lacking = $state<number | null>(0);
  sync_sentence = $state<string | null>(null);
  storage_kept = $state(true);
  /** The cards of a practice while one goes on: nothing is kept, sent or counted then. */
  practice = $state.raw<readonly PracticeCard[] | null>(null);
  practised = $state.raw<readonly QueuedEvent[]>([]);
  /** The families were deleted here because their time was over; the next contact brings them anew. */
  roster_ended = $state(false);
  now_ms = $state(Date.now());
  skew_ms = $state<number | null>(null);

  ring: Ring | null = null;
  /** Asks the person where the phone is full. */
  readonly room = new Room();
  private readonly drafts = new Drafts(this.db);
  private clock = new Clock(0);
  private vault: OpenVault | null = null;
  private batch: (BatchKey & { id: string }) | null = null;
  /** A roster whose time was over when the app began is being destroyed. */
  private ending: Promise<unknown> = Promise.resolve();
  private idle = new Idle();
  /** Aborted by locking, so that a round on its way asks for nothing more. */
  private closing = new AbortController();
  private timers: ReturnType<typeof setInterval>[] = [];
  /** Something was kept while a round was on its way: another follows at once. */
  private asked_again = false;
  /** The person asked for photos over this network. */
  private pictures_asked = false;
  /** The reading of what is kept that was begun last: an older one must not overwrite it. */
  private reading: Promise<void> = Promise.resolve();

  /** This will read what the phone keeps and decide what to show first. */
  async start(): Promise<void> {
    const [[identity, floor, keys]] = await Promise.all([
      this.db.meta.bulkGet(["identity", "time_floor_ms", "vault"]),
      this.countUnsent(),
    ]);
    this.identity = (identity?.value as Identity | undefined) ?? null;
    this.clock = new Clock((floor?.value as number | undefined) ?? 0);
    // The keys are shown meanwhile, but no PIN is tried before it is done.
    this.ending = endRoster(this.db, this.clock.now_ms());
    const vault = keys?.value as Vault | undefined;
    if (!this.identity || !vault) this.phase = "unknown";
    else this.phase = vault.signing_key === null ? "wiped" : "locked";
    await this.ending;
    await this.askToKeep();
  }

  /** This will try a PIN and, when it is right, open everything. */
  async unlock(pin: string): Promise<UnlockResult> {
    await this.ending;
    const result = await unlock(this.db, pin, Date.now());
    if (result.kind === "open") await this.open(result.vault);
    if (result.kind === "wiped") this.phase = "wiped";
    return result;
  }

  /** This will open the app with keys that were just made or unlocked. */
  async open(vault: OpenVault): Promise<void> {
    this.vault = vault;
    this.closing = new AbortController();
    this.idle.touch();
    await this.load();
    this.phase = "open";
    this.timers = [setInterval(() => void this.sync(), SYNC_EVERY_MS), setInterval(() => this.look(), LOOK_EVERY_MS)];
    void this.syncAnew();
  }

  /** This will forget keys and names; what is kept on the phone stays sealed. */
  lock(): void {
    this.timers.forEach(clearInterval);
    this.closing.abort();
    this.vault = null;
    this.batch = null;
    this.room.letGo();
    this.practice = null;
    this.practised = [];
    this.roster = EMPTY;
    this.reserved = new Map();
    if (this.phase === "open") this.phase = "locked";
    void endRoster(this.db, this.clock.now_ms());
  }

  /** This will note that somebody is there: a touch, a key, a card. */
  touch(): void {
    this.idle.touch();
  }

  /** This will see what time it is, and lock where nobody has touched the phone for long. */
  private look(): void {
    this.now_ms = this.clock.now_ms();
    if (this.phase === "open" && this.idle.for_ms > LOCK_AFTER_MS) this.lock();
  }

  /**
   * This will empty the phone so that it can be enrolled anew; only when the server has every record, and every photo
   * unless somebody said that it is to go `without_photos`.
   */
  async forget({ without_photos = false } = {}): Promise<void> {
    await this.countUnsent();
    if (this.unsent > 0 || (this.photos > 0 && !without_photos)) return;
    await this.db.delete();
    location.reload();
  }

  /** This will go on when the app is seen again, or lock where it was left alone for too long. */
  returned(): void {
    this.look();
    if (this.phase === "open") void this.sync();
  }

  /** This will put made-up families in the place of the real ones, in memory only; a round on its way is let finish. */
  beginPractice(): void {
    const { roster, office, leases, cards } = practiceWorld(this.clock.now_ms(), EMPTY, this.roster.owner_name);
    this.practice = cards;
    this.practised = [];
    Object.assign(this, { roster, office, leases, served: new Map(), reserved: new Map(), handed_over: new Set() });
  }

  /** This will forget the practice and bring back what the phone keeps. */
  async endPractice(): Promise<void> {
    this.practice = null;
    this.practised = [];
    await this.load();
  }

  /** This will give the number that the family is told; of a practice it is none. */
  receiptNumber(row: QueuedEvent): string {
    return receiptNumber(this.practice ? "LATIHAN" : (this.identity?.short_id ?? ""), row.seq);
  }

  /** This will read roster, leases and list again, after a bundle came or the app was unlocked. */
  async load(): Promise<void> {
    await this.inTurn(async (vault, identity) => {
      const office = (await this.db.read<Office>("office")) ?? null;
      const kept = await this.db.read<string>("ring");
      const ring = kept === undefined ? null : keptRing(kept);
      return {
        office,
        ring,
        roster: await openRoster(this.db, vault.roster_key),
        bundle_kept_at_ms: (await this.db.read<number>("bundle_kept_at_ms")) ?? null,
        roster_ended: (await this.db.read<boolean>("roster_ended")) ?? false,
        ...(await readSigned(this.db, ring, identity, office)),
      };
    });
    await this.count();
  }

  /** This will read leases and list again, where the families are the same. */
  private async loadSigned(): Promise<void> {
    await this.inTurn((_, identity) => readSigned(this.db, this.ring, identity, this.office));
  }

  /**
   * This will read what is kept, one reading after the other, and show all of it in one moment: between the old leases
   * and the new ones there is none at which a card would be judged without any. What was read for a phone that is locked
   * by now, or practises, is let go.
   */
  private inTurn(read: (vault: OpenVault, identity: Identity) => Promise<Partial<Session>>): Promise<void> {
    const turn = async (): Promise<void> => {
      const { vault, identity } = this;
      if (!vault || !identity || this.practice) return;
      const found = await read(vault, identity);
      if (this.vault === vault && !this.practice) Object.assign(this, found);
    };
    this.reading = this.reading.then(turn, turn);
    return this.reading;
  }

  /** This will keep one event and, in the background, try to send it. */
  async record(happening: Omit<Happening, "at_ms" | "mono_ms">): Promise<QueuedEvent> {
    if (this.practice) return this.practise(happening);
    const { vault, identity } = this;
    const seal_key = this.ring === null ? undefined : activeKey(this.ring, "seal");
    if (!vault || !identity || !seal_key) throw new Error("locked");
    this.batch ??= { ...(await newBatchKey(seal_key)), id: newUuid() };
    const signer = { dev: identity.short_id, key: vault.signing_key, batch: this.batch, seal_key };
    const leased_at = (await this.db.read<number>(`leased_at:${happening.lease}`)) ?? Date.now();
    const when = { at_ms: Date.now(), mono_ms: happening.lease === null ? 0 : this.clock.monotonicSince(leased_at) };
    const row = await this.room.make(() => record(this.db, signer, { ...happening, ...when }));
    await this.count();
    void this.syncAnew();
    return row;
  }

  /** This will record what changes the rights that this phone holds, and hold the others no more (or from now on). */
  async recordHanding(happening: Omit<Happening, "at_ms" | "mono_ms">): Promise<void> {
    await this.record(happening);
    await this.loadSigned();
  }

  /** This will sign the receipt for what another phone handed over. */
  async receipt(offer: Offer, given: readonly Given[]): Promise<string> {
    const { vault, identity } = this;
    if (!vault || !identity) throw new Error("locked");
    return writeReceipt(vault.signing_key, pointOf(identity.jwk), offer, given);
  }

  /** This will fetch the photos of families because the person asked for them, over whatever network. */
  async fetchPictures(): Promise<void> {
    this.pictures_asked = true;
    await this.syncAnew();
  }

  /** This will tell the photo of a family, null where there is none, until the answer ends it; made-up ones have none. */
  watchPortrait(household: string, told: (webp: Bytes | null) => void): () => void {
    if (this.vault && !this.practice) return watchPortrait(this.db, this.vault, household, told);
    queueMicrotask(() => told(null));
    return () => undefined;
  }

  /** This will synchronise because the person asked for it: what was refused is offered again. */
  async sendNow(): Promise<void> {
    if (!this.syncing) await offerAgain(this.db);
    await this.syncAnew();
  }

  /** This will see to a round that begins from now on: one that is on its way may have missed what was just kept. */
  private async syncAnew(): Promise<void> {
    this.asked_again = this.syncing;
    await this.sync();
  }

  /** This will synchronise once, if the app is open and no round is on its way. */
  async sync(): Promise<void> {
    const { vault, identity } = this;
    if (!vault || !identity || this.syncing || this.practice) return;
    this.syncing = true;
    this.asked_again = false;
    try {
      const asked = this.pictures_asked;
      const result = await synchronise(this.db, identity, vault, this.clock.now_ms(), {
        closed: this.closing.signal,
        storage_kept: this.storage_kept,
        pictures: asked || settings.pictures || picturesMayCome(),
      });
      if (asked) this.pictures_asked = false;
      this.online = result.online;
      this.sync_sentence = result.sentence;
      if (result.server_ms !== null) this.clock.heard(result.server_ms);
      this.skew_ms = this.clock.skew_ms;
      await this.db.write("time_floor_ms", this.clock.now_ms());
      this.identity = { ...identity, state: result.state };
      if (result.wiped) {
        this.lock();
        this.phase = "wiped";
        return;
      }
      if (this.vault && result.roster_changed) await this.load();
      else if (this.handed.size > 0) await this.loadSigned(); // the server may have decided about them
      await this.count();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.sync_sentence = FULL;
    } finally {
      this.syncing = false;
      this.now_ms = this.clock.now_ms();
      if (this.asked_again) void this.sync();
    }
  }

  /** This will give the time to judge by (lease.md); `now_ms` is the same, as the screens last saw it. */
  nowMs(): number {
    return this.clock.now_ms();
  }

  /** This will give the live lease that names this right, if this phone holds it now. */
  leaseOf(entitlement: string): Lease | null {
    const now_ms = this.clock.now_ms();
    return this.leases.find((lease) => lease.rights.has(entitlement) && isLive(lease, now_ms)) ?? null;
  }

  /** This will say under what this phone may deliver a right now: a lease, a reservation, or not at all. */
  permission(entitlement: string): { lease: string | null; online: boolean } | null {
    const lease = this.leaseOf(entitlement);
    if (lease !== null) return { lease: lease.uuid, online: false };
    const until_ms = this.reserved.get(entitlement) ?? 0;
    return this.clock.now_ms() < until_ms ? { lease: null, online: true } : null;
  }

  /** This will take the rights of a card's family online, for a quarter of an hour. */
  async reserve(card_number: string): Promise<Outcome<Reservation>> {
    const client = this.client();
    if (client === null) return { kind: "unreachable" };
    const outcome = await reserve(this.db, client, card_number);
    if (outcome.kind === "answer") {
      const taken = outcome.body.rights.map((right) => [right.entitlement, Date.parse(right.until)] as const);
      this.reserved = new Map([...this.reserved, ...taken]);
    }
    return outcome;
  }

  /** This will ask the office about a leased right that the draw names; null where there is nothing to ask. */
  async askFirst(entitlement: string): Promise<Asked | null> {
    const lease = this.leaseOf(entitlement);
    if (this.practice || lease === null || !(await isDrawn(lease.uuid, entitlement))) return null;
    const client = this.client();
    return client === null ? { said: "unanswered" } : askAbout(this.db, client, entitlement);
  }

  /** This will give a way to ask the server with this phone's key; null while locked. */
  client(): Client | null {
    const { vault, identity } = this;
    if (this.practice) return null;
    return vault && identity ? new Client(identity.origin, vault.signing_key, identity.jwk, this.closing.signal) : null;
  }

  /** This will give the tickets that this phone holds of a chip, and the salt that they were made with. */
  async ticketsOf(uid: string): Promise<HeldTickets> {
    return this.vault ? openTickets(this.db, this.vault, uid) : { salt: null, held: [] };
  }

  /** This will give the rights of a family that may be delivered now with this phone. */
  due(family: Family): Family["entitlements"] {
    return family.entitlements.filter((right) => this.permission(right.uuid) !== null && this.nextPart(right) !== null);
  }

  /** This will give the next part of a right, or null when all its parts were delivered. */
  nextPart(right: Family["entitlements"][number]): number | null {
    if (right.state !== "open" && right.state !== "reserved") return null;
    const here = this.served.get(right.uuid)?.length ?? 0;
    const next = Math.max(right.parts_delivered, here) + 1;
    return next <= right.parts_allowed ? next : null;
  }

  /** This will keep what is being typed, sealed, so that nothing is lost when the phone rings or dies. */
  async keepDraft(key: string, value: unknown): Promise<void> {
    if (this.vault && !this.practice) await this.drafts.keep(this.vault, key, value);
  }

  /** This will give back what was being typed. */
  async draft<Value>(key: string): Promise<Value | null> {
    return this.vault && !this.practice ? this.drafts.read<Value>(this.vault, key) : null;
  }

  /** This will forget what was being typed, once it is recorded. */
  async dropDraft(key: string): Promise<void> {
    if (this.vault && !this.practice) await this.drafts.drop(this.vault, key);
  }

  private practise(happening: Omit<Happening, "at_ms" | "mono_ms">): QueuedEvent {
    const row = practiceRow(happening, this.practised.length + 1, Date.now());
    this.practised = [...this.practised, row];
    const of = (type: string): QueuedEvent[] => this.practised.filter((one) => one.type === type);
    this.served = grouped(of("benefit.delivered"), (one) => one.subjects[0] ?? "");
    this.handed_over = new Set(of("card.handed_over").map((one) => one.subjects[0] ?? ""));
    return row;
  }

  /** This will count what only this phone has, also while it is locked or wiped. */
  async countUnsent(): Promise<void> {
    this.unsent = await unsentCount(this.db);
    this.photos = await this.db.blobs.count();
  }

  private async count(): Promise<void> {
    await this.countUnsent();
    this.pictures_lacking = await portraitsLacking(this.db);
    const rows = await this.db.queue.filter(({ type }) => REMEMBERED.has(type)).toArray(); // one walk: the queue is long
    if (this.practice) return;
    const told = (type: string) => rows.filter((row) => row.type === type);
    const subject = (row: QueuedEvent) => row.subjects[0] ?? "";
    this.served = grouped(told("benefit.delivered"), subject);
    this.handed_over = new Set(told("card.handed_over").map(subject));
    this.day_phases = phasesOf(rows);
    this.counted_parcels = new Set(told("cards.received").map(subject));
    this.now_ms = this.clock.now_ms();
  }

  /** This will ask the browser to keep what is stored here, and fetch what waited for that promise. */
  async askToKeep(): Promise<void> {
    const { storage } = navigator;
    this.storage_kept = storage?.persist !== undefined && ((await storage.persisted()) || (await storage.persist()));
    if (this.phase === "open" && this.storage_kept) await this.syncAnew();
  }
}

export const session = new Session();
