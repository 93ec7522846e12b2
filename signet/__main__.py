"""``python -m signet``: the same program as the command ``signet``."""

import sys

from signet.cli import main

sys.exit(main())
