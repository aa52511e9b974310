"""An EDC terminal, written from docs/protocols alone: no line of Betang's is imported here.

A merchant's terminal with a code scanner, a printer, a signature pad, and no camera for photos.
That it works is the proof that a stranger can write a device.
"""
