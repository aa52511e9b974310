"""A print run from the frozen list to the bureau's answer (docs/operate/printing.md)."""
