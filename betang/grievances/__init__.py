"""Complaints, objections, contested deliveries: a case is opened, assigned and resolved, step by step."""
