# Sourced by the commands in scripts/ with $root set: sets $python to a Python that can run this project.
#
# A name on the PATH proves nothing (a version manager's stub may exist and fail), so every candidate is
# really run. The project's own environment comes first, then $PYTHON, then the newest that works.

. "$root/scripts/help.sh"

unset PYTHONHOME PYTHONPATH PYTHONSTARTUP
python_probe='import sys
have = "%s %d.%d" % (sys.implementation.name, sys.version_info[0], sys.version_info[1])
if not (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.implementation.name != "cpython":
    sys.exit(have)
try:
    import ctypes, ssl, venv, ensurepip
except ImportError as error:
    sys.exit("%s without %s (on Debian: apt install python3-venv)" % (have, error.name))
import sysconfig
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit(have + " without the GIL")'
python_seen=

try_python() {
    [ -x "$1" ] && [ ! -d "$1" ] || return 1
    if python_answer=$("$1" -c "$python_probe" 2>&1 </dev/null); then
        python=$1
        return 0
    fi
    python_seen="$python_seen
  $1: $(printf '%s\n' "$python_answer" | head -n 1)"
    return 1
}

on_the_path() {
    old_ifs=$IFS
    IFS=:
    for folder in $PATH; do
        IFS=$old_ifs
        try_python "${folder:-.}/$1" && return 0
        IFS=:
    done
    IFS=$old_ifs
    return 1
}

known_places() {
    for candidate in "$HOME"/.pyenv/versions/"$1"*/bin/python "$HOME"/.local/share/uv/python/cpython-"$1"*/bin/python3 \
        /opt/homebrew/bin/python"$1" /usr/local/bin/python"$1" /usr/bin/python"$1" \
        /Library/Frameworks/Python.framework/Versions/"$1"/bin/python3; do
        try_python "$candidate" && return 0
    done
    return 1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        try_python "$(command -v -- "$PYTHON" || printf '%s' "$PYTHON")"
        return
    fi
    try_python "${VENV_DIR:-$root/.venv}/bin/python" && return 0
    python_seen=
    for version in 3.13 3.12 3.11; do
        on_the_path "python$version" && return 0
        known_places "$version" && return 0
    done
    on_the_path python3 || on_the_path python
}

HOME=${HOME:-/}
if ! find_python; then
    printf 'This project needs Python 3.11, 3.12 or 3.13, and found none that works.\nTried:%s\n' \
        "${python_seen:- nothing: there is no python3 on the PATH}" >&2
    printf 'Install one, or name one: PYTHON=/path/to/python3.13 %s\n' "$0" >&2
    exit 1
fi
