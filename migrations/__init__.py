"""The schema's versions, in the order they were made. Part of the wheel, so an installed Tuneledger can migrate."""
