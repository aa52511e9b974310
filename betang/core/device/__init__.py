"""A device's key: its proof of possession and the six words of its thumbprint."""
