"""What namemem is measured with: accuracy, latency, and the choice of its parameters."""
