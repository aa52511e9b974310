"""The frame of every page: the rail, refusals, words and figures."""
