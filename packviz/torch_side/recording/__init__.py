"""What a running program packs and runs: seen where torch is called, and kept, without a change to what it computes."""
