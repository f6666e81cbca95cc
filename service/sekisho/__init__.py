"""Decides whether a SIM change may pass, and keeps the record."""
