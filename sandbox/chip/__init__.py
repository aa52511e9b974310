"""A virtual NTAG 424 DNA, for demonstrations and tests: it knows `betang.core` and nothing else."""
