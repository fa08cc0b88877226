"""What a notebook shows of a report, a trace, a probe or a recording: HTML with drawings, from data alone.

Whatever comes from the user is escaped, and all of it is bounded, however large the batch.
"""
