"""Bytes and text to Batch: one file a format, one registry; only pt.py imports torch, inside its functions.

How a batch comes in
    bytes or text → a reader → `Found` (paste/found.py: x, lengths, the options it says itself) → `settle` → Batch
                             → `Several` (several.py: the names of several, each a Found once it is asked for)

A reader only finds. How frameworks keep batches, by names, by sizes and by what the numbers say, is known in `known/`:
documents packed in one row, time last, lengths relative to the longest, padding with other numbers. Each of these is
said in `Found.said`; where two readings fit, Undecided names the option that chooses. What is common to all of them
is decided once, in `settle`: which options win, whether lengths are guessed, how sequences are padded. Python objects
take the same way through `objects.to_batch`.

What is one batch
    A tensor or an array; a pair (x, lengths); a dict with x; a list of tensors, of arrays or of lists, which are its
    sequences, however many there are and of whatever lengths; a PackedSequence. A list of two (T_i, F) tensors is one
    ragged batch, and (x, lengths), [x, lengths] are one pair. Whatever can be read as one batch is one.

What is several batches
    - .pt, .pth, .json, and prints of Python: a list or a tuple in which all, or at least two, are a dict, a pair or a
      PackedSequence; a dict whose values are, under the names of its keys, if one of them surely is a batch (notes
      beside them, such as the number of the epoch, are passed over); a dict with one such list or dict among its
      values. Options of the call in the outer dict hold for all batches that say none of their own.
    - .npz, and the dicts above: parts under x_0, lengths_0, x_1, lengths_1 (or x0, x.0), or train.x, train.lengths,
      val.x (or train_x, train/x), where more than one could be x. A single x_0 is one batch.
    - .jsonl, .json and pipes: a batch in each line, an object or a pair; the last line may be cut short.
    - text: a list or a dict of batches that is printed; x and lengths printed anew, again and again; calls that pack,
      each with another x. A call that is tried again, x or lengths that are mended are work on one batch
      (paste/batches.py).
    One that can't be read, among others that can, says why in its place. `load` gives one batch: of a file that holds
    several the one that `entry` names; of a text with several prints or calls and no `entry` what it always gave, the
    last. `load_all` and `load_each` give all of them, at most MOST_BATCHES, unless packviz wrote it. The source of
    one is FILE[NAME]: the name is its key, or its number from 0.

How to add a format
    1. Write `packviz/files/formats/NAME.py` with two functions:
       `sniff(head: bytes) -> bool`, whether a file that begins with these bytes (4 KiB) is surely of this format, and
       `read(stream: Stream) -> Found | Several`. Read through the `Stream`: it reports progress and raises `Cancelled`
       by itself; call `stream.watch.check()` now and then in long work after the reading. `Several.find` may read
       through it, too: it stays open as long as batches are asked for.
    2. Put `paste.found.from_mapping` (named values) or `objects.interpret` (one value) to use: they know the usual
       names; and before them `several.batches_in` or `several.batches_among`, for files with several.
       A format whose form alone says an option, as a table's rows say batch_first, says so in `Found.options`.
    3. Add one `Format` to the table `FORMATS` in registry.py, before "Text": a file without a known suffix is of the
       first format whose `sniff` takes it, and text takes nearly everything. The dialogs, drops, the terminal and
       `packviz.load` follow from it. Its suffixes stand in core/texts/python/batch.py (SUFFIXES), too, so that copied
       Python reads them, in `--help` (cli/manual.py) and in the README: tests compare all of them.
    4. Say what is wrong with `BatchError`: one sentence, naming line, column or index, what was expected, what to do.
       The registry puts the name of the file in front. Nothing else may be raised, whatever the bytes.
    5. Never execute and never unpickle what is read.
    6. Add tests/files/formats/test_NAME.py: a round trip, a corrupt and a truncated file, arbitrary bytes (Hypothesis).
"""
