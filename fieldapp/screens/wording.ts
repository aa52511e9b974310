/** How dates, ages, money and goods are said: as an official would speak to a neighbour. WIB everywhere. */

import type { Goods, Member } from "../store/roster";

const ZONE = "Asia/Jakarta";
const DAY = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, day: "numeric", month: "long", year: "numeric" });
const TIME = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const NUMBER = new Intl.NumberFormat("id-ID");

/** How names are put in order. */
export const BY_NAME = new Intl.Collator("id");

/** 12 November 2026 */
export function day(when: number | string): string {
  return DAY.format(new Date(when));
}

/** 14.32 WIB */
export function time(when: number | string): string {
  return `${TIME.format(new Date(when)).replace(":", ".")} WIB`;
}

/** 08.00: a time of the clock on the wall. */
export function clock(hour_and_minute: string): string {
  return hour_and_minute.replace(":", ".");
}

/** 12 November 2026, 14.32 WIB */
export function dayAndTime(when: number | string): string {
  return `${day(when)}, ${time(when)}`;
}

/** How long ago, in the largest unit that says something. */
export function age(from_ms: number, now_ms: number): string {
  const minutes = Math.floor((now_ms - from_ms) / 60_000);
  if (minutes < 1) return "baru saja";
  if (minutes < 60) return `${minutes} menit lalu`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} jam lalu`;
  return `${Math.floor(minutes / 1440)} hari lalu`;
}

/** 1.234.567 */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** Rp250.000 */
export function rupiah(amount: number): string {
  return `Rp${NUMBER.format(amount)}`;
}

/** beras 5 kg */
export function goods({ item, quantity, unit }: Goods): string {
  return `${capital(item.replaceAll("_", " "))} ${NUMBER.format(quantity)} ${unit}`;
}

/** The first letter large, the rest as it is. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** NIK as it may be shown: the last four digits. */
export function masked(member: Member): string {
  return member.last4 === null ? "NIK belum tercatat" : `NIK •••• ${member.last4}`;
}

/** Selamat pagi, siang, sore, malam: by the hour in WIB. */
export function greeting(now_ms: number): string {
  const hour = Number(TIME.format(new Date(now_ms)).slice(0, 2));
  if (hour < 11) return "Selamat pagi";
  if (hour < 15) return "Selamat siang";
  return hour < 18 ? "Selamat sore" : "Selamat malam";
}

export const DWELLINGS = [
  { code: "own", name: "Rumah milik sendiri" },
  { code: "rent", name: "Sewa atau kontrak" },
  { code: "shared", name: "Menumpang" },
  { code: "river", name: "Rumah lanting atau di atas air" },
  { code: "camp", name: "Barak pekerja" },
  { code: "none", name: "Tanpa tempat tinggal tetap" },
] as const;

export const AID = {
  due: "belum diambil",
  taken: "sudah diambil",
  elsewhere: "bukan penugasan HP ini",
  none: "tidak ada",
} as const;

export const VISIT_OUTCOMES = [
  { code: "found", name: "Bertemu keluarga" },
  { code: "moved", name: "Sudah pindah" },
  { code: "deceased", name: "Ada anggota yang meninggal" },
  { code: "not_found", name: "Tidak ditemukan" },
  { code: "refused", name: "Tidak bersedia" },
] as const;

export const HOME_DELIVERY_REASONS = [
  { code: "sick", name: "Sakit" },
  { code: "elderly", name: "Lanjut usia" },
  { code: "disabled", name: "Penyandang disabilitas" },
] as const;

export const NOT_HANDED_OVER_REASONS = [
  { code: "absent", name: "Tidak hadir" },
  { code: "moved", name: "Sudah pindah" },
  { code: "deceased", name: "Meninggal" },
  { code: "refused", name: "Menolak kartu" },
  { code: "data_wrong", name: "Data pada kartu salah" },
  { code: "damaged", name: "Kartu rusak" },
  { code: "other", name: "Sebab lain" },
] as const;

export const NOT_DELIVERED_REASONS = [
  { code: "family_refused", name: "Keluarga menolak bantuan" },
  { code: "wrong_person", name: "Yang datang bukan keluarga dan tanpa surat kuasa" },
  { code: "goods_gone", name: "Barangnya habis" },
  { code: "goods_damaged", name: "Barangnya rusak" },
  { code: "unsafe", name: "Keadaan tidak aman" },
  { code: "other", name: "Sebab lain" },
] as const;

export const LESS_REASONS = [
  { code: "stock_short", name: "Barang di titik ini kurang" },
  { code: "damaged", name: "Sebagian rusak" },
  { code: "asked_less", name: "Keluarga meminta lebih sedikit" },
  { code: "other", name: "Sebab lain" },
] as const;

export const ASKED_BY = [
  { code: "village_officer", name: "Perangkat desa atau kelurahan" },
  { code: "neighbourhood", name: "Pengurus RT atau RW" },
  { code: "companion", name: "Pendamping" },
  { code: "agent", name: "Agen atau e-warong" },
  { code: "seller", name: "Pedagang atau pengepul" },
  { code: "other", name: "Orang lain" },
  { code: "unknown", name: "Tidak tahu" },
] as const;

export const PROBLEMS = [
  { code: "levy", name: "Ada pungutan atau permintaan uang", grievance: true },
  { code: "complaint", name: "Pengaduan keluarga", grievance: true },
  { code: "goods_short", name: "Barang kurang", grievance: false },
  { code: "goods_damaged", name: "Barang rusak", grievance: false },
  { code: "device", name: "Masalah HP atau aplikasi", grievance: false },
  { code: "safety", name: "Keamanan petugas atau warga", grievance: false },
  { code: "other", name: "Masalah lain", grievance: false },
] as const;

/** What a record is called in the list of records. */
export const RECORDS: Readonly<Record<string, string>> = {
  "benefit.delivered": "Bantuan diserahkan",
  "benefit.not_delivered": "Bantuan tidak jadi diserahkan",
  "card.handed_over": "Kartu diserahkan",
  "card.not_handed_over": "Kartu belum diserahkan",
  "card.blocked": "Kartu diblokir",
  "cards.received": "Kiriman kartu dihitung",
  "household.verified": "Kunjungan keluarga",
  "household.geotagged": "Tempat tinggal dicatat",
  "household.needs_home_delivery": "Permintaan antar ke rumah",
  "day.opened": "Hari penyaluran dibuka",
  "day.closed": "Hari penyaluran ditutup",
  "household.registered": "Keluarga baru dicatat",
  "problem.reported": "Masalah dilaporkan",
  "grievance.opened": "Pengaduan dibuat",
  "stock.received": "Barang diterima",
  "stock.counted": "Barang dihitung",
  "lease.closed": "Penugasan ditutup",
  "lease.transferred": "Penugasan diserahkan ke HP lain",
  "lease.received": "Penugasan diterima dari HP lain",
};
