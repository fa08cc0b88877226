"""Bytes and text to Batch: one file a format, one registry; only pt.py imports torch, inside its functions.

How a batch comes in
    bytes or text → a reader → `Found` (found.py: x, lengths, the options it says itself) → `settle` (settle.py) → Batch

A reader only finds. What is common to all of them is decided once, in `settle`: which options win, whether lengths
are guessed, how sequences are padded. Python objects take the same way through `objects.to_batch`.

How to add a format
    1. Write `packviz/files/NAME.py` with two functions:
       `sniff(head: bytes) -> bool`, whether a file that begins with these bytes (4 KiB) is surely of this format, and
       `read(stream: Stream) -> Found`. Read through the `Stream`: it reports progress and raises `Cancelled` by itself;
       call `stream.watch.check()` now and then in long work after the reading.
    2. Put `found.from_mapping` (named values) or `objects.interpret` (one value) to use: they know the usual names.
       A format whose form alone says an option, as a table's rows say batch_first, says so in `Found.options`.
    3. Add one `Format` to the table `FORMATS` in registry.py. The dialogs, drops, the terminal and `packviz.load`
       follow from it.
    4. Say what is wrong with `BatchError`: one sentence, naming line, column or index, what was expected, what to do.
       The registry puts the name of the file in front. Nothing else may be raised, whatever the bytes.
    5. Never execute and never unpickle what is read.
    6. Add tests/files/test_NAME.py: a round trip, a corrupt and a truncated file, arbitrary bytes (Hypothesis).
"""
