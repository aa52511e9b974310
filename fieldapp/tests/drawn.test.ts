/** The draw of deliveries that are asked about first, against the vectors of the server's twin. */

import { expect, it } from "vitest";
import vectors from "../../vectors/drawn.json";
import { isDrawn } from "../core/drawn";

it.each(vectors.cases)("draws as the office does: $entitlement", async ({ lease, entitlement, drawn }) => {
  expect(await isDrawn(lease, entitlement)).toBe(drawn);
});
