#!/bin/sh
# Build .venv from requirements.lock: every package with its hash and nothing else, then this project, editable.
# Instant when nothing changed; a setup that was interrupted is built again from nothing.
set -eu

cd "$(dirname "$0")/.."
venv=.venv
stamp=$venv/setup-complete

say() { printf '%s\n' "$*" >&2; }

# The stamp's first line names the place (its scripts hold absolute paths), its second what was installed.
place="place $(pwd -P)"
content="content $(cat requirements.lock pyproject.toml scripts/setup.sh | cksum)"

if command -v uv >/dev/null 2>&1; then uv=yes; else uv=no; fi

works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -f "$stamp" ] && works "$venv/bin/python" && [ "$(sed -n 1p "$stamp")" = "$place" ]; then
    [ "$(sed -n 2p "$stamp")" != "$content" ] || exit 0
    reuse=yes
else
    reuse=no
fi
# An environment made by uv has no pip.
if [ "$uv" = no ] && [ "$reuse" = yes ] && ! "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then reuse=no; fi

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
        if works "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null) || found="no python3"
    say "Python 3.11 or newer is needed and this machine has ${found}; install one, on Debian or Ubuntu: sudo apt install python3.11 python3.11-venv"
    return 1
}

if [ "$reuse" = no ]; then
    python=$(find_python)
    # Debian ships venv without what it needs to put pip in: python3-venv brings that.
    if [ "$uv" = no ] && ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        say "Python's venv module is incomplete on this machine; install it with: sudo apt install $package"
        exit 1
    fi
    say "Building .venv with $("$python" --version) ..."
    rm -rf "$venv"
    if [ "$uv" = yes ]; then
        uv venv --quiet --no-project --python "$python" "$venv"
    else
        "$python" -m venv "$venv"
    fi
else
    say "Bringing .venv up to date ..."
fi

# From here to the end there is no stamp, so that a failure or a Ctrl+C is seen by the next setup.
rm -f "$stamp"

install() {
    if [ "$uv" = yes ]; then
        uv pip install --quiet --python "$venv/bin/python" --no-deps "$@"
    else
        "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-deps "$@"
    fi
}

install --require-hashes -r requirements.lock
install --no-index --no-build-isolation -e .
"$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >/dev/null 2>&1 || true

printf '%s\n%s\n' "$place" "$content" > "$stamp.new"
mv "$stamp.new" "$stamp"
