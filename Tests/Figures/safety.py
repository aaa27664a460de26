"""Runs safety.c on the disk that the build folder lies on, with the counter of the crash test preloaded.

    safety.py BUILD-FOLDER
"""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests", "crash"))

from programs import compiled  # noqa: E402

built = os.path.abspath(sys.argv[1])
program, killer = compiled(built, "../Figures/safety"), compiled(built, "killer")
with tempfile.TemporaryDirectory(dir=built) as folder:
    counting = {**os.environ, "LD_PRELOAD": killer, "T2I_CRASH_TALLY": "1"}
    ended = subprocess.run([program, folder], env=counting, stderr=subprocess.PIPE, text=True, check=False)
    if ended.returncode != 0:
        sys.exit(ended.stderr or "safety: one turn syncs too often")
