"""What the nursery and the tests agree on."""

POISON = b"poison"
