"""Coverage-guided fuzzing (atheris, libFuzzer): `make fuzz SECONDS=300`."""
