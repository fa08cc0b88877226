"""The rule about a PackedSequence that contradicts itself."""
