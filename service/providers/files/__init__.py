"""Training with tools of your own: nothing is sent, and what comes of it is reported."""
