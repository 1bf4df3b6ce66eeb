"""Generated pages, feeds, sitemaps, robots.txt files and texts, as many as wanted: no reader may raise, all that comes out can be stored.

    python -m tests.bench.fuzz [--factor 250] [--json]

Runs the properties of ``tests/unit/test_extraction_fuzz.py``, of which CI runs 410 examples, so many times over.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys

from tests.outlet_site.bench import ROOT

EXAMPLES = {"listing": 150, "extraction": 60, "rules": 100, "text": 100}
"""Of one quick run, by what is made of the bytes."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--factor", type=int, default=250, help="250 makes 102,500 examples")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/test_extraction_fuzz.py", "-k", "any_bytes"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "FUZZ_FACTOR": str(options.factor)}, stdout=subprocess.PIPE, text=True, check=False
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {
        "examples": {name: count * options.factor for name, count in EXAMPLES.items()},
        "failed": re.findall(r"^FAILED .*$", done.stdout, re.MULTILINE),
        "cpu_s": round(used.ru_utime + used.ru_stime),
    }
    print(json.dumps(result, indent=2) if options.json else ", ".join(f"{name} {value}" for name, value in result.items()))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
