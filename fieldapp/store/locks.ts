/** One at a time over all tabs: what two hands must not do at once. */

/** This will run `work` while no other tab runs work of the same name. */
export async function exclusively<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  if (!("locks" in navigator)) return work();
  return navigator.locks.request(name, work);
}
