"""The whole day, as `make run` plays it: real webhooks, real logins, real replies."""

from io import StringIO

from rich.console import Console

from chalicelib.domain.channel import Channel
from infra.local.run import play

SEED = 4711


def test_a_day_loses_nothing_and_doubles_nothing(house):
    told = StringIO()
    well = play(house.stack, house.platforms, SEED, Console(file=told, width=120))
    assert well, told.getvalue()
    assert "lost = 0   duplicated = 0   wrong = 0" in told.getvalue()
    assert "SMS to +15550100" in told.getvalue()
    assert "EMAIL to ops@example.com" in told.getvalue()
    for channel in Channel:
        assert f"│ {channel.value} " in told.getvalue()
    assert "Personal data in public: 1 messages, 1 hidden." in told.getvalue()
    assert "moved from public to private: 3." in told.getvalue()
