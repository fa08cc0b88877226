import os
import signal
import threading

import pytest
import torch

from packviz.torch_side.seed import generator_at


def test_draws_are_those_after_manual_seed_and_the_global_generator_stays_as_it_was() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(123)
    before = torch.get_rng_state()
    with generator_at(7):
        assert torch.rand(3).equal(expected)
    assert torch.get_rng_state().equal(before)


def test_it_goes_on_from_a_saved_state() -> None:
    with generator_at(7) as generator:
        torch.rand(3)
        state = generator.get_state()
        following = torch.rand(2)
    with generator_at(state):
        assert torch.rand(2).equal(following)


def test_threads_do_not_draw_from_each_other() -> None:
    found: list[torch.Tensor] = []

    def draw() -> None:
        with generator_at(1):
            found.append(torch.cat([torch.rand(1) for _ in range(2000)]))

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with generator_at(1):
        one_by_one = torch.cat([torch.rand(1) for _ in range(2000)])
    assert all(each.equal(one_by_one) for each in found)


def test_the_generator_may_be_asked_for_while_it_is_held() -> None:
    with generator_at(1) as outer:
        before = outer.get_state()
        with generator_at(2):
            torch.rand(3)
        assert outer.get_state().equal(before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_does_not_wait_for_a_thread_that_it_does_not_have() -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with generator_at(1):
            held.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(60)
    fork = os.fork()
    if fork == 0:
        signal.alarm(20)
        with generator_at(2):
            os._exit(0)
    _, status = os.waitpid(fork, 0)
    done.set()
    thread.join()
    assert status == 0
