"""Phones through days of simulated time while everything goes wrong, from a seed."""
