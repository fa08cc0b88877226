"""All rooms of messages are in the table."""

from packviz.core.messages import MESSAGES, ROOMS


def test_every_room_has_put_its_messages_into_the_table() -> None:
    rooms = {entry.meant.__module__ for entry in MESSAGES}
    assert rooms == {room.__name__ for room in ROOMS}
