"""Examples with their identity: `format=tuneledger`."""
