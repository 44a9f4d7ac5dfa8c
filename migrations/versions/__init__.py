"""One file a version: NNNN_name.py, with `revision`, `down_revision`, `upgrade` and `downgrade`."""
