"""What --help says beside the options: what the commands are for, their exit codes and examples."""

from __future__ import annotations

ABOUT = """\
See what pack_padded_sequence does to a batch, cell by cell, find the lengths
that are wrong, and step an LSTM, GRU or RNN over it, forwards and back.

commands:
  packviz [FILE... | -]          the window, on a built-in sample or on batches
  packviz check FILE... | -      what is wrong with a batch, in the terminal
  packviz explain TEXT | -       what an error message or a traceback means
  packviz trace FILE | -         every state of a run, held against torch's own
  packviz probe [M.py:F] FILE    whether results depend on padding, also your own
  packviz run SCRIPT [ARGS...]   a program, and what is wrong with its batches
  packviz render FILE -o OUT.png the window as a picture; needs no display"""

FILE_HELP = """\
.pt .pth .npz .npy .safetensors .packviz .json
.jsonl .csv .tsv or text;
- reads standard input, sample:NAME is built in"""

CHECK_FILE_HELP = f"""\
{FILE_HELP};
a folder means all in it and below, 'data/**/*.npz'
what fits, s3://bucket/x.npz what fsspec opens"""

WINDOW_ENDS = """\
examples:
  packviz                                        the built-in sample
  packviz batch.pt                               a saved batch, with its lengths
  packviz a.npz b.json                           several files
  packviz ten.pt --entry 3                       one of the batches in a file
  packviz ids.npy --lengths 4,3,2 --batch-first  an array, and its lengths
  echo '[[1,2,3],[4,5,0]]' | packviz - --batch-first
  packviz ./check                                a file that is named like a command

The window also takes what programs of yours show with packviz.show(x, lengths); of
several windows, the one that you used last.

See also:
packviz check --help, packviz explain --help, packviz trace --help, packviz probe --help,
packviz run --help, packviz render --help"""

CHECK_ENDS = """\
exit codes:
  0  nothing is wrong (there may be warnings and notes). That lengths are guessed from the
     padding, where nobody gave them, is said, and is a note: it is wrong with
     --select lengths-guessed --fail-on note
  1  something is wrong: torch raises an error, or is silent and the result is wrong;
     --fail-on says from which severity on
  2  an input, or a part of one, can't be read, a shard is missing, or the command line is
     wrong; other inputs, and what is whole of a damaged one, are still checked

examples:
  packviz check batch.pt
  packviz check *.npz --batch-first --no-enforce-sorted
  packviz check ten.pt log.jsonl                 every batch of files that hold several
  packviz check ten.pt --entry 3                 one of them, by its number or its name
  packviz check mels.npy --axes BFT              rows, features, steps: time is last
  packviz check espnet.pt --x speech             which of several tensors is the batch
  python train.py | packviz check -              what a program prints
  packviz check batch.pt --format json | jq .findings
  packviz check run.packviz                      the calls of a recording, worst first
  packviz check run.packviz --entry 17           all of one of its calls
  packviz check data/ --rules-only --jobs 4      a whole data set, fast, in four processes
  packviz check data/ --select lengths,padding-left --fail-on warning
  packviz check data/ --baseline known.json      what is new since the first run
  packviz check s3://bucket/train/ --ignore padding-waste
  packviz check data/ --exclude cache --exclude '*.bak.npz'
  packviz check data/ --shard 1/4 --format json > 1.jsonl
  packviz check --merge 1.jsonl 2.jsonl          the summary of what was printed so
  packviz check /shared/data/ --dask tcp://10.0.0.1:8786

A folder means its .pt .pth .npz .npy .safetensors .packviz .json .jsonl .csv .tsv files,
and those below, without hidden ones. --exclude fits the name of a file, of a folder on
the way to it, or the way itself. Of more than 10 batches each finding is a line, notes
are only counted, and a summary comes last: findings by code, lengths, padding, and what
bucketing by length would save; --format text prints each report. What is printed is the
same, in the same order, whatever the number of --jobs. Of what --select and --ignore both
name, the longer name decides.

--format json prints one object a batch, each on a line of its own; `source` says which,
ten.pt[3] for the batch 3 of several in a file. With --rules-only its "torch" is null. The
summary then goes to standard error. "lengths_from" is "guessed" where nobody gave them.
In a --shard, "at" and "shard" say where a batch stands, and what can't be read is a
line, too: --merge tells shards that are missing, come twice, or are of other files. Of a
recording each call whose batch was kept has a line, with its "call": site, function,
number, outcome."""

EXPLAIN_ENDS = """\
exit codes:
  0  explained
  1  no cause of this message is known
  2  an input can't be read, or the command line is wrong

examples:
  packviz explain "start (10) + length (1) exceeds dimension size (10)."
  packviz explain "index out of range in self" --batch batch.pt --batch-first
  python train.py 2>&1 | packviz explain -       a whole traceback; of several exceptions the last one
  packviz explain error.log                      a traceback in a file
  packviz explain lengths-count                  what a finding means
  packviz explain --codes                        all findings and causes, a line each

With --batch the causes that the batch has come first, with the row, and those that it rules out last.
Without it, the batch is used that - or FILE holds beside the message, such as x and lengths that a
session printed; options of the call apply to it."""

RENDER_ENDS = """\
examples:
  packviz render batch.pt -o batch.png
  packviz render ten.pt --entry 3 -o third.png   one of several batches in a file
  packviz render sample:first-batch -o first.png --step 2 --size 1600x1000 --theme light
  packviz render run.packviz -o worst.png        the worst call of a recording
  packviz render batch.pt -o probe.png --probe   with the leak probe: which rows are read"""

RUN_ENDS = """\
The program runs in this process, as python runs it: its arguments, input, output, signals and exit
code are its own. What is said of it goes to standard error, after its end; where an exception around
packing ends it, the cause and the row stand right under the traceback. The workers of DataLoaders are
watched, too; programs that it starts itself are not.

exit codes:
  those of the program; 2, too, where the command line is wrong

examples:
  packviz run train.py --epochs 3
  packviz run --save night.packviz --keep 1000 train.py
  packviz run --when error -m trainer.main --lr 0.1
  packviz train.packviz                          the window on what was noted
  packviz check train.packviz                    the same in the terminal"""

PROBE_ENDS = """\
MODULE.py:FUNCTION is code of yours, the only one that packviz runs: the file is run as python runs it, and
what stands under that name is called as fn(x, lengths), or fn(x), with tensors. Without it, the recurrent
module of --cell or --weights is probed.

exit codes:
  0  each row's result is its own: it reads neither padding nor other rows
  1  some is not, or that could not be tested
  2  the batch or the code can't be read or run, or the command line is wrong

examples:
  packviz probe batch.pt --weights model.pt:encoder.rnn.
  packviz probe model.py:encode batch.pt --batch-first
  packviz probe train.py:model.encoder batch.npz --format json | jq .rows_read"""

TRACE_ENDS = """\
EXPR is true or false of the states after a step: absmax(h) > 5, h[2, 7] < 0, norm(c[row]) > 3,
f[0] > 0.99, isnan(h), layer == 1 and max(o) < 0.1. h[2] is row 2, h[2, 7] its unit 7, h[:, 7]
that unit of all rows, and h[row] each row by itself; of rows only those count that take the step.
There are absmax max min mean norm sum std, abs, change (since the step before), isnan isinf
isfinite, any all, + - * /, and or not, step, layer and direction (forward or backward).

exit codes:
  0  the stepped run agrees with torch's, and EXPR never holds
  1  it does not agree, or EXPR holds
  2  the batch can't be read or stepped, or the command line is wrong

examples:
  packviz trace batch.pt --cell GRU --hidden 32 --layers 2 --bidirectional
  packviz trace batch.pt --weights model.pt:encoder.rnn. --until 'isnan(h)'
  packviz trace batch.pt --weights model.safetensors --format json | jq .until"""
