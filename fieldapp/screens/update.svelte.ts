/** A new version waits until the person consents; nothing is ever reloaded away by itself. */

/** A phone that is never closed still learns of a new version within the hour, where there is a signal. */
const CHECK_EVERY_MS = 3_600_000;

class Update {
  waiting = $state.raw<ServiceWorker | null>(null);

  /** This will install the waiting version; the page is loaded again when the new worker rules. */
  install(): void {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    this.waiting?.postMessage("install-now");
  }
}

export const update = new Update();

/**
 * This will ask the registration itself what waits. On a slow phone the news that a worker is being fetched may come
 * when it already waits: there is none left then whose changes could be listened to.
 */
export function watch(registration: ServiceWorkerRegistration): void {
  const look = (): void => {
    if (navigator.serviceWorker.controller) update.waiting = registration.waiting;
  };
  const follow = (): void => {
    registration.installing?.addEventListener("statechange", look);
    look();
  };
  registration.addEventListener("updatefound", follow);
  follow(); // on its way already: opening the app asks for it too
}

/** This will register the worker and notice when a newer one has been fetched and waits. */
export function registerWorker(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  void navigator.serviceWorker
    .register("/lapangan/sw.js", { scope: "/lapangan/", type: "module", updateViaCache: "none" })
    .then((registration) => {
      watch(registration);
      setInterval(() => void registration.update().catch(() => undefined), CHECK_EVERY_MS);
    })
    .catch(() => undefined); // no server just now: the worker that is installed goes on
}
