"""The cards beside the panes: findings, explanations, torch's verdict, the leak probe, the Python."""
