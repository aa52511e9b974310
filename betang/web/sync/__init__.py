"""Pages about what phones send."""
