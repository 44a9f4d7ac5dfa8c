"""Agreement metrics: pure functions with a name and a version. docs/agreement.md defines each."""
