"""Monitoring: logged requests, feedback on them, monthly reports, and promotion to examples."""
