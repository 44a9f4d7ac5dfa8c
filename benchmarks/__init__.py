"""What Tuneledger costs, each figure beside its floor: the least that Postgres alone would take in the same minute."""
