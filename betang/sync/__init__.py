"""The field's other end: the bundle down, signed events up, an answer and a decision for each."""
