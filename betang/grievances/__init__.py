"""Complaints, objections and contested deliveries: opened, assigned, resolved."""
