"""``python -m tests.outlet_site LOG``: serve until stdin is closed. Prints the ports as one line of JSON."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.outlet_site.server import serve

asyncio.run(serve(Path(sys.argv[1])))
