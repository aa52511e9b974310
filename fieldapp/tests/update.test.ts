/** A new version is offered however late the page hears that it was fetched. */

import { beforeEach, expect, it, vi } from "vitest";
import { update, watch } from "../screens/update.svelte";

class Registration extends EventTarget {
  installing: EventTarget | null = null;
  waiting: EventTarget | null = null;

  watched(): ServiceWorkerRegistration {
    return this as unknown as ServiceWorkerRegistration;
  }
}

beforeEach(() => {
  vi.stubGlobal("navigator", { serviceWorker: { controller: {} } });
  update.waiting = null;
});

it("is not offered while it is the first: nothing older rules", () => {
  vi.stubGlobal("navigator", { serviceWorker: { controller: null } });
  const registration = new Registration();
  registration.waiting = new EventTarget();
  watch(registration.watched());
  expect(update.waiting).toBeNull();
});

it("is offered when it waited before the page began", () => {
  const registration = new Registration();
  registration.waiting = new EventTarget();
  watch(registration.watched());
  expect(update.waiting).toBe(registration.waiting);
});

it("is offered when it has been fetched", () => {
  const registration = new Registration();
  watch(registration.watched());
  const fetched = (registration.installing = new EventTarget());
  registration.dispatchEvent(new Event("updatefound"));
  expect(update.waiting).toBeNull();
  registration.installing = null;
  registration.waiting = fetched;
  fetched.dispatchEvent(new Event("statechange"));
  expect(update.waiting).toBe(fetched);
});

it("is offered when the page hears of it only when it already waits", () => {
  const registration = new Registration();
  watch(registration.watched());
  registration.waiting = new EventTarget();
  registration.dispatchEvent(new Event("updatefound"));
  expect(update.waiting).toBe(registration.waiting);
});
