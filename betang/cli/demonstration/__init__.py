"""One cycle of aid, acted out on real parts: the steps of `betang demo`."""
