"""Trackers: each tune that has ended, as a run at W&B and MLflow, for those who follow all their trainings there."""
