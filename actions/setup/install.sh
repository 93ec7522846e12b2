#!/usr/bin/env bash
# Installs Signet into an environment of its own, for all later steps of the job. It needs Python 3.11 or newer.
# The Signet that these actions belong to gets the versions in locked*.txt, each held against its hash ('make lock' chooses
# them); a version from PyPI gets what its own metadata asks for.
set -euo pipefail

[[ "${WANTED:-}" =~ ^([0-9][0-9A-Za-z.]{0,30})?$ ]] || { echo "::error::version is no version: digits, letters and dots"; exit 2; }
[[ "${EXTRAS:-}" =~ ^([a-z]+(,[a-z]+)*)?$ ]] || { echo "::error::extras are words with commas between them"; exit 2; }
python=$(command -v python3 || command -v python) || { echo "::error::there is no Python: use actions/setup-python before"; exit 2; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "::error::Signet needs Python 3.11 or newer: use actions/setup-python before"; exit 2; }

place="${RUNNER_TEMP:?}/signet"
"$python" -m venv "$place"
if [[ -n "${WANTED:-}" ]]; then
  "$place/bin/python" -m pip install --quiet --disable-pip-version-check "signet-registry${EXTRAS:+[$EXTRAS]}==$WANTED"
else
  "$place/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --only-binary :all: --requirement "$GITHUB_ACTION_PATH/locked${EXTRAS:+-extras}.txt"
  "$place/bin/python" -m pip install --quiet --disable-pip-version-check \
    --no-deps --no-build-isolation "$(cd "$GITHUB_ACTION_PATH/../.." && pwd)"
fi
echo "$place/bin" >> "$GITHUB_PATH"
version=$("$place/bin/signet" --version)
echo "version=${version#signet }" >> "$GITHUB_OUTPUT"
echo "$version"
