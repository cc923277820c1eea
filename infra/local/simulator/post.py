"""The platforms' post office.

Sends signed webhooks, again and again until they are taken, as the platforms do.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from threading import Condition, Lock, Thread
from time import monotonic, time

import urllib3

from infra.local.simulator.signing import meta_headers, standard_headers
from infra.local.simulator.world import Accounts


class Door(StrEnum):
    """Which of our doors a webhook goes to."""

    META = "meta"
    INSTAGRAM = "instagram"  # Meta's door too, but signed by the app with Instagram Login
    STANDARD = "standard"
    OWN = "own"  # a network's own path, already signed
    MAIL = "mail"  # the bucket and the topic of mails
    TEXT = "text"  # the topic of SMS


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook to deliver.

    `name` says what it is, for people; `forged`: signed with a key that is not ours. `path` and
    `headers` belong to the door OWN; `notice` is what a topic is told (MAIL, TEXT), where the body
    is the mail itself or nothing.
    """

    name: str
    door: Door
    body: bytes
    event_id: str = ""
    forged: bool = False
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How one webhook ended.

    The HTTP status of its last attempt (0: no answer), and how many attempts it took.
    """

    webhook: Webhook
    status: int
    attempts: int
    seconds: float


Topic = Callable[[Webhook], int]
"""Tells a topic; returns an HTTP status, 0 for no answer."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The URLs of our doors. `base` is what a path of the door OWN follows."""

    meta: str
    standard: str
    base: str = ""
    topics: Mapping[Door, Topic] = field(default_factory=dict)


TAKEN = range(200, 300)
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Waits between attempts: Meta's "immediately, then decreasing", at the speed of this day."""


class Post:
    """Delivers webhooks at once or later, on its own threads, and remembers how each ended."""

    def __init__(
        self,
        doors: Doors,
        accounts: Accounts,
        *,
        threads: int = 8,
        watch: Callable[[Delivered], None] | None = None,
    ) -> None:
        self._doors, self._accounts, self._watch = doors, accounts, watch
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="post")
        self._http = urllib3.PoolManager(num_pools=4, maxsize=threads, retries=False)
        self._delivered: list[Delivered] = []
        self._heap: list[tuple[float, int, Webhook]] = []
        self._order = count()
        self._open = 0
        self._changed = Condition(Lock())
        self._closed = False
        self._clock = Thread(target=self._run, name="post-clock", daemon=True)
        self._clock.start()

    def now(self, webhook: Webhook) -> "Future[Delivered]":
        """Start delivering and return the promise of how it ends."""
        with self._changed:
            self._open += 1
        return self._pool.submit(self._deliver, webhook)

    def later(self, seconds: float, webhook: Webhook) -> None:
        """Deliver after a while."""
        with self._changed:
            heapq.heappush(self._heap, (monotonic() + seconds, next(self._order), webhook))
            self._changed.notify_all()

    def idle(self) -> bool:
        """Return whether nothing is under way or planned."""
        with self._changed:
            return not self._heap and self._open == 0

    def delivered(self) -> Sequence[Delivered]:
        """Return how every webhook so far ended."""
        with self._changed:
            return tuple(self._delivered)

    def close(self) -> None:
        """Stop: what is planned is dropped, what is under way ends."""
        with self._changed:
            self._closed = True
            self._heap.clear()
            self._changed.notify_all()
        self._clock.join()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._http.clear()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                wait = self._heap[0][0] - monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                webhook = heapq.heappop(self._heap)[2]
                self._open += 1
            self._pool.submit(self._deliver, webhook)

    def _deliver(self, webhook: Webhook) -> Delivered:
        began = monotonic()
        status, attempts = self._attempt(webhook), 1
        while status not in TAKEN and not webhook.forged and attempts <= len(RETRY_SECONDS):
            with self._changed:
                if self._closed or self._changed.wait_for(
                    lambda: self._closed, RETRY_SECONDS[attempts - 1]
                ):
                    break
            status, attempts = self._attempt(webhook), attempts + 1
        done = Delivered(webhook, status, attempts, monotonic() - began)
        with self._changed:
            self._open -= 1
            self._delivered.append(done)
        if self._watch is not None:
            self._watch(done)
        return done

    def _attempt(self, webhook: Webhook) -> int:
        topic = self._doors.topics.get(webhook.door)
        if topic is not None:
            return topic(webhook)
        url = self._url(webhook)
        try:
            answer = self._http.request(
                "POST", url, body=webhook.body, headers=self._headers(webhook), timeout=25.0
            )
        except urllib3.exceptions.HTTPError:
            return 0
        return answer.status

    def _url(self, webhook: Webhook) -> str:
        if webhook.door is Door.OWN:
            return self._doors.base + webhook.path
        return self._doors.standard if webhook.door is Door.STANDARD else self._doors.meta

    def _headers(self, webhook: Webhook) -> Mapping[str, str]:
        keys = self._accounts
        if webhook.door is Door.OWN:
            return webhook.headers
        if webhook.door is Door.STANDARD:
            secret = keys.standard_secret
            return standard_headers(webhook.event_id, int(time()), webhook.body, secret)
        ours = keys.instagram_secret if webhook.door is Door.INSTAGRAM else keys.app_secret
        return meta_headers(webhook.body, "not the secret" if webhook.forged else ours)
