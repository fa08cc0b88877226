"""What a handler of signals raises while packviz is at work: it is the program's, and nothing that packviz fails at."""

from __future__ import annotations


def of_signal(error: BaseException) -> bool:
    """Whether a handler of signals raised it.

    Python calls one wherever it happens to be, with the frame in which that is: no other function is given the frame
    that called it.
    """
    trail = error.__traceback__
    while trail is not None:
        frame, trail = trail.tb_frame, trail.tb_next
        interrupted = frame.f_back
        if interrupted is None:
            continue
        for value in list(frame.f_locals.values()):
            if value is interrupted or (type(value) is tuple and any(each is interrupted for each in value)):
                return True
    return False
