import { describe, expect, it } from "vitest";
import { age, hour, number, share } from "./words.ts";

describe("figures", () => {
  it("write the unknown as a dash and zero as a number", () => {
    expect(number(null)).toBe("–");
    expect(number(undefined)).toBe("–");
    expect(number(0)).toBe("0");
    expect(number(1234567)).toBe("1.234.567");
  });

  it("never round a share up to a whole that it is not", () => {
    expect(share(99_999, 100_000)).toBe("99,9 %");
    expect(share(100_000, 100_000)).toBe("100 %");
    expect(share(0, 10)).toBe("0 %");
    expect(share(null, 10)).toBe("–");
    expect(share(1, 0)).toBe("–");
  });
});

describe("times", () => {
  it("are told in the province's zone, wherever the browser is", () => {
    expect(hour("2026-11-12T07:32:00.000Z")).toBe("14.32");
  });

  it("are told as an age that a person would use", () => {
    const now = Date.parse("2026-11-12T12:00:00Z");
    expect(age("2026-11-12T11:48:00Z", now)).toBe("12 menit");
    expect(age("2026-11-12T09:00:00Z", now)).toBe("3 jam");
    expect(age("2026-11-09T12:00:00Z", now)).toBe("3 hari");
    expect(age("2026-11-12T12:00:05Z", now)).toBe("0 menit");
  });
});
