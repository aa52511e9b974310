"""A fleet of virtual devices that speaks only the real protocol (docs/protocols/device.md)."""
