"""What happens elsewhere, waited for by what it is about, whether it has happened or is still to come."""

import asyncio
from collections import defaultdict
from typing import Any

type Json = dict[str, Any]
type Subject = tuple[str, ...]

PATIENCE_SECONDS = 120


class Happenings:
    """Queues of news, one for each subject. One waits for one subject at a time."""

    def __init__(self) -> None:
        self._news: defaultdict[Subject, asyncio.Queue[Json]] = defaultdict(asyncio.Queue)

    def tell(self, subject: Subject, news: Json) -> None:
        self._news[subject].put_nowait(news)

    async def next(self, *subject: str) -> Json:
        """The next of this subject that nobody took yet. Raises `TimeoutError`, naming it."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                news = await self._news[subject].get()
        except TimeoutError:
            raise TimeoutError(f"nothing was told of {' '.join(subject)}") from None
        if self._news[subject].empty():
            del self._news[subject]  # thousands of subjects are never asked for again
        return news
