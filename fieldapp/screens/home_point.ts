/** How good a point is, by its accuracy alone: the twin of betang/core/geo/location_grade.py, which knows the village too. */

import type { Point } from "../device/position";

export type Grade = "good" | "fair" | "poor" | "doubtful";

const GOOD_ACCURACY_M = 20;
const FAIR_ACCURACY_M = 100;

export const GRADES: Readonly<Record<Grade, string>> = {
  good: "titik baik",
  fair: "titik cukup",
  poor: "titik kurang teliti",
  doubtful: "titik meragukan",
};

/** This will grade a point as the office will, where it knows no boundary of the village. */
export function gradeOf(accuracy_m: number | null): Grade {
  if (accuracy_m === null || accuracy_m <= 0 || accuracy_m > FAIR_ACCURACY_M) return "poor";
  return accuracy_m <= GOOD_ACCURACY_M ? "good" : "fair";
}

/** This will say of a deed whether a home point came with it, was known, or is still wanted: "belum ada". */
export function homePoint(at_home: boolean, point: Point | null, known: boolean): "taken" | "known" | "none" {
  if (at_home && point !== null) return "taken";
  return known ? "known" : "none";
}
