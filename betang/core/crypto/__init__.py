"""Signatures, the key ring, CMAC, Merkle trees and sealing to a public key. Verified only here."""
