/**
 * A practice: families, cards and rights that exist on this screen only. The screens and the verdict are the real ones;
 * what is underneath is made up here, is kept nowhere, and is gone when the practice ends.
 */

import type { Lease } from "../core/lease";
import type { QrState, TapsState } from "../core/verdict";
import type { QueuedEvent } from "../store/database";
import type { Family, Member, Office, OpenRoster } from "../store/roster";
import type { Happening } from "../store/queue";

const DAY_MS = 86_400_000;
const CYCLE = "latihan-tahap";
const PROGRAMME = "latihan-program";
const BENEFIT = "latihan-paket";
const VILLAGE = "6200000000";

export interface PracticeCard {
  readonly number: string;
  readonly name: string;
  /** What can be learned with it. */
  readonly lesson: string;
  readonly qr: QrState;
  readonly taps: TapsState;
}

interface Role {
  readonly name: string;
  readonly lesson: string;
  readonly qr: QrState;
  readonly taps: TapsState;
  readonly card: "active" | "in_custody" | "none";
  readonly leased: boolean;
  readonly taken?: boolean;
  readonly home?: boolean;
}

const ROLES: readonly Role[] = [
  { name: "Ibu Latihan Satu", lesson: "Kartu asli: serahkan bantuan", qr: "valid", taps: "two_rising", card: "active", leased: true, home: true },
  { name: "Bapak Latihan Dua", lesson: "Cip tidak terbaca: lanjut dengan foto", qr: "valid", taps: "none", card: "active", leased: true },
  { name: "Ibu Latihan Tiga", lesson: "Kartu baru: serahkan kartu, lalu bantuannya", qr: "valid", taps: "two_rising", card: "in_custody", leased: true },
  { name: "Nenek Latihan Empat", lesson: "Bukan penugasan HP ini", qr: "valid", taps: "two_rising", card: "active", leased: false, home: true },
  { name: "Bapak Latihan Lima", lesson: "Sudah diambil", qr: "valid", taps: "two_rising", card: "active", leased: true, taken: true },
  { name: "Ibu Latihan Enam", lesson: "Kartu diblokir", qr: "card.revoked", taps: "none", card: "active", leased: true },
  { name: "Orang tak dikenal", lesson: "Kartu dari masa kampanye", qr: "qr.not_ours", taps: "none", card: "none", leased: false },
];

export interface PracticeWorld {
  readonly roster: OpenRoster;
  readonly office: Office;
  readonly leases: readonly Lease[];
  readonly cards: readonly PracticeCard[];
}

/** This will make the families of a practice. `empty` carries what a roster holds besides families. */
export function practiceWorld(now_ms: number, empty: OpenRoster, owner_name: string): PracticeWorld {
  const made = ROLES.map((role, place) => ({ role, family: familyOf(role, place), number: numberOf(place) }));
  const known = made.filter(({ role }) => role.card !== "none");
  const right_uuids = known.filter(({ role }) => role.leased).map(({ family }) => family.entitlements[0]?.uuid ?? "");
  const at = new Date(now_ms).toISOString();
  const not_after = new Date(now_ms + 7 * DAY_MS).toISOString();
  const issued_at = new Date(now_ms - DAY_MS).toISOString();
  return {
    roster: {
      ...empty,
      owner_name,
      families: new Map(known.map(({ family }) => [family.household.uuid, family])),
      by_card: new Map(known.flatMap(({ family }) => family.cards.map((card) => [card.number, { family, card }] as const))),
    },
    office: officeOf(at, not_after),
    leases: [{ uuid: "latihan", cycle: CYCLE, issued_at, not_after, rights: new Set(right_uuids) }],
    cards: made.map(({ role, number }) => ({ number, name: role.name, lesson: role.lesson, qr: role.qr, taps: role.taps })),
  };
}

/** This will give a record of a practice: shaped as a real one, signed by nobody, kept nowhere. */
export function practiceRow(happening: Omit<Happening, "at_ms" | "mono_ms">, seq: number, now_ms: number): QueuedEvent {
  const payload = btoa(JSON.stringify({ data: happening.data })).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return {
    seq,
    id: `latihan-${seq}`,
    type: happening.type,
    at: new Date(now_ms).toISOString(),
    jws: `latihan.${payload}.`,
    payload_sha256: "",
    subjects: [...happening.subjects],
    state: "kept",
  };
}

function numberOf(place: number): string {
  return `6200000000${String(place).padStart(2, "0")}01`;
}

function familyOf(role: Role, place: number): Family {
  const uuid = `latihan-keluarga-${place}`;
  const member = (name: string, relation: string, head: boolean): Member => {
    const key = `${uuid}-${relation}`;
    return { uuid: key, name, last4: `000${place}`, relation, head, presence: "alive" };
  };
  const card = {
    number: numberOf(place),
    household: uuid,
    uid: null,
    counter: 0,
    state: role.card,
    custody: role.card === "in_custody",
    expires_on: "2099-12-31",
  };
  return {
    household: {
      uuid,
      number: `00000000${String(place).padStart(2, "0")}`,
      village: VILLAGE,
      head_name: role.name,
      rt: "001",
      rw: "001",
      address: "Jl. Latihan",
      dwelling: "own",
      anchor: null,
      home: role.home ? { lat: 0, lng: 0, accuracy_m: 8, grade: "good" } : null,
      members: [member(role.name, "kepala keluarga", true), member("Anak Latihan", "anak", false)],
    },
    entitlements: [
      {
        uuid: `latihan-hak-${place}`,
        household: uuid,
        cycle: CYCLE,
        benefit: BENEFIT,
        parts_allowed: 1,
        parts_delivered: role.taken ? 1 : 0,
        state: role.taken ? "delivered" : "open",
      },
    ],
    cards: role.card === "none" ? [] : [card],
  };
}

function officeOf(at: string, not_after: string): Office {
  const goods = [
    { item: "beras", quantity: 5, unit: "kg" },
    { item: "minyak_goreng", quantity: 1, unit: "liter" },
  ];
  return {
    version: "latihan",
    at,
    areas: [{ code: VILLAGE, name: "Desa Latihan", level: 4, parent: "620000" }],
    programmes: [{ uuid: PROGRAMME, name: "Latihan", card_name: "Kartu latihan", tap_required: true }],
    cycles: [{ uuid: CYCLE, programme: PROGRAMME, name: "Tahap latihan", closes_on: not_after.slice(0, 10) }],
    benefits: [{ uuid: BENEFIT, programme: PROGRAMME, code: "latihan", name: "Paket latihan", channel: "hand", amount_rupiah: 150_000, goods }],
    leases: [],
    issuer: "",
  };
}
