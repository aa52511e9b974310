/** The day at a point, as this phone knows it: who is invited, who was served, what is left to do. */

import type { QueuedEvent } from "../store/database";
import type { DistributionDay, Family, Invitation, OpenRoster } from "../store/roster";
import { isDone } from "./villages";

const WIB_MS = 7 * 3_600_000;

export interface InQueue extends Invitation {
  /** Null where the family is not on this phone: another officer serves it, or the server does. */
  readonly family: Family | null;
  readonly served: boolean;
  /** By this phone: what it answers for when it closes its part. */
  readonly served_here: boolean;
}

export interface DayStanding {
  readonly queue: readonly InQueue[];
  readonly served: number;
  readonly served_here: number;
  /** Those invited to the point who did not come yet, by number. */
  readonly waiting: readonly InQueue[];
  /** Those whom the aid is brought to. */
  readonly at_home: readonly InQueue[];
  readonly next: InQueue | null;
}

/** This will give the date in the west of the country (WIB), as the office plans by it. */
export function dateOf(now_ms: number): string {
  return new Date(now_ms + WIB_MS).toISOString().slice(0, 10);
}

/** This will give the days that matter now: those of today, those opened and not closed, then those to come. */
export function daysToShow(days: readonly DistributionDay[], phases: ReadonlyMap<string, DayPhase>, now_ms: number): DistributionDay[] {
  const today = dateOf(now_ms);
  const matters = days.filter((day) => day.date >= today || phaseOf(day, phases) === "opened");
  return matters.sort((a, b) => `${a.date}${a.opens}`.localeCompare(`${b.date}${b.opens}`));
}

export type DayPhase = "planned" | "opened" | "closed";

/** This will read from the records of this phone which days it opened and closed. */
export function phasesOf(rows: readonly QueuedEvent[]): Map<string, DayPhase> {
  const phases = new Map<string, DayPhase>();
  for (const { type, subjects } of rows) {
    const day = subjects[0] ?? "";
    if (type === "day.closed") phases.set(day, "closed");
    else if (type === "day.opened" && phases.get(day) !== "closed") phases.set(day, "opened");
  }
  return phases;
}

/** This will say where a day stands for this phone: what was done here, else what the server told. */
export function phaseOf(day: DistributionDay, phases: ReadonlyMap<string, DayPhase>): DayPhase {
  return phases.get(day.uuid) ?? day.state;
}

/** This will put a day's invitations in the order of their numbers and count them. */
export function standingOf(
  day: DistributionDay,
  roster: OpenRoster,
  served: ReadonlyMap<string, QueuedEvent[]>,
): DayStanding {
  const queue = day.invitations
    .map((invitation) => inQueue(invitation, day.cycle, roster, served))
    .sort((a, b) => a.queue - b.queue);
  const open = queue.filter((one) => !one.served);
  const waiting = open.filter(({ mode }) => mode === "point");
  return {
    queue,
    served: queue.length - open.length,
    served_here: queue.filter((one) => one.served_here).length,
    waiting,
    at_home: open.filter(({ mode }) => mode === "home"),
    next: waiting.find(({ family }) => family !== null) ?? null,
  };
}

function inQueue(
  invitation: Invitation,
  cycle: string,
  roster: OpenRoster,
  served: ReadonlyMap<string, QueuedEvent[]>,
): InQueue {
  const family = roster.families.get(invitation.household) ?? null;
  const rights = family?.entitlements.filter((right) => right.cycle === cycle) ?? [];
  return {
    ...invitation,
    family,
    served: rights.length > 0 && isDone(rights, served),
    served_here: rights.some(({ uuid }) => served.has(uuid)),
  };
}
