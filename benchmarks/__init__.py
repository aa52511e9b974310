"""What the program does, at size, with its floor or peer measured in the same run."""
