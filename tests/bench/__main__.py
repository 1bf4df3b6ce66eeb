"""All benchmarks in one run: `make bench`, `make bench-full`. Prints one JSON document; docs/benchmarks.md keeps the last figures.

python -m tests.bench [--data DIR] [--full]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(memory / 2**30), "python": platform.python_version()}


def measure(name: str, arguments: list[str]) -> dict[str, object]:
    print(f"{name} …", file=sys.stderr, flush=True)
    started = time.monotonic()
    ended = subprocess.run([sys.executable, "-P", "-m", *arguments], stdout=subprocess.PIPE, check=False)
    seconds = round(time.monotonic() - started, 1)
    try:
        result = json.loads(ended.stdout)
    except ValueError:
        result = ended.stdout.decode("utf-8", "replace").splitlines()
    return {"exit_code": ended.returncode, "seconds": seconds, "result": result}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, help="folder with fundus_html/ and aeb/; absent: what needs it is left out")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    results = {"machine": machine(), "demo": measure("demo", ["interfaces.cli.main", "demo", "--json"])}
    if options.data is None:
        print("no --data: extraction and real pages are not measured", file=sys.stderr)
    else:
        for name in ("extraction", "real_pages"):
            results[name] = measure(name, [f"tests.bench.{name}", "--data", str(options.data), "--json"])
    print(json.dumps(results, indent=2))
    return max(int(str(part["exit_code"])) for part in results.values() if "exit_code" in part)


if __name__ == "__main__":
    sys.exit(main())
