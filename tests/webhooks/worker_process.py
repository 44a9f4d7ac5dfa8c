"""A worker that only tells webhooks."""

import asyncio
import os

from service.settings import from_environment
from service.webhooks import delivering
from service.worker import work


def main() -> None:
    settings = from_environment(os.environ)
    asyncio.run(work(settings, str(settings.database_url), loops={"webhooks": delivering.run}))


if __name__ == "__main__":
    main()
