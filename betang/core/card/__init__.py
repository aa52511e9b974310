"""What a card is: its signed QR, its chip's message, the revocation list, and the one verdict."""
