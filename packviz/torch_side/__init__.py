"""torch: what it really does, and a recurrent run step by step. Never Qt; torch is imported when first needed."""
