"""Reading the log from outside: by seq, as it grows, and by subscriptions that keep their place."""
