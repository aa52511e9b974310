"""Long work that a person asked for on a page and the worker does: asked, at work, ended."""
