/**
 * The numbers of papers, as a companion types them: NIK and KK. The twin of betang/core/identity (`vectors/identity.json`).
 * A number that passes is well formed, not proven to exist; a foreign district in it is ordinary.
 */

import { luhnHolds } from "./numbers";

export type NikFault = "length" | "digits" | "area" | "date" | "serial";
export type FamilyNumberFault = "length" | "digits" | "area";

const LENGTH = 16;
/** Women are written with 40 added to the day of birth. */
const WOMAN_OFFSET = 40;
const PROVINCE_MIN = 11;
const PROVINCE_MAX = 97;
const PROVISIONAL = /^S-([1-9]\d{3})-(\d{4})$/;

/** This will say what is wrong with a NIK; null when it is well formed. No spaces are forgiven here. */
export function nikFault(text: string): NikFault | null {
  if (!/^[0-9]+$/.test(text)) return "digits";
  if (text.length !== LENGTH) return "length";
  const [province, regency, district, written, month, year, serial] = [
    text.slice(0, 2), text.slice(2, 4), text.slice(4, 6), text.slice(6, 8), text.slice(8, 10), text.slice(10, 12), text.slice(12),
  ].map(Number) as [number, number, number, number, number, number, number];
  if (province < PROVINCE_MIN || province > PROVINCE_MAX || regency === 0 || district === 0) return "area";
  const day = written > WOMAN_OFFSET ? written - WOMAN_OFFSET : written;
  if (!isDay(1900 + year, month, day) && !isDay(2000 + year, month, day)) return "date";
  return serial === 0 ? "serial" : null;
}

/** This will say what is wrong with a KK number; null when it is well formed. */
export function familyNumberFault(text: string): FamilyNumberFault | null {
  if (!/^[0-9]+$/.test(text)) return "digits";
  if (text.length !== LENGTH) return "length";
  const province = Number(text.slice(0, 2));
  return province < PROVINCE_MIN || province > PROVINCE_MAX ? "area" : null;
}

/** This will tell whether a text has the form and the check digit of a provisional registration number. */
export function isProvisional(text: string): boolean {
  const match = PROVISIONAL.exec(text);
  return match !== null && luhnHolds(`${match[1]}${match[2]}`);
}

/** This will tell whether the calendar has this day. */
export function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
