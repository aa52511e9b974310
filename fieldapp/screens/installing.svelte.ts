/** Installing the app: what makes a browser promise to keep what is stored (docs/decisions/0121). */

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

class Installing {
  /** The browser's own offer, where it makes one. */
  offered = $state.raw<InstallPrompt | null>(null);

  constructor() {
    addEventListener("beforeinstallprompt", (event) => (this.offered = event as InstallPrompt));
  }

  /** This will let the browser ask the person; an offer can be used once. */
  async ask(): Promise<void> {
    await this.offered?.prompt();
    this.offered = null;
  }
}

export const installing = new Installing();
