# shellcheck shell=bash
# For backup and restore: turns DATABASE_URL or POSTGRES_* into libpq's variables, sets $media.
# Passwords stay in the environment: the process list shows every argument.

root=$(dirname "$0")/..
# libpq's own variables, given without ours, say which database; then .env does not.
if [ -n "${PGDATABASE:-}" ] && [ -z "${DATABASE_URL:-}${POSTGRES_HOST:-}${POSTGRES_DB:-}" ]; then
    export BACKUP_CONNECTION=libpq
fi
[ -n "${ENV_FILE_READ:-}" ] || [ ! -e "$root/.env" ] || exec python3 "$root/config/env_file.py" "$0" "$@"

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

decode() { # percent-encoding, and nothing else that printf would take for an escape
    local escaped=${1//\\/\\\\}
    printf '%b' "${escaped//%/\\x}"
}

if [ "${BACKUP_CONNECTION:-}" = libpq ]; then
    :
elif [ -n "${DATABASE_URL:-}" ]; then
    pattern='^postgres(ql)?://([^:@/]*)(:([^@/]*))?@([^:/?]*)(:([0-9]+))?/([^?]+)(\?(.*))?$'
    [[ $DATABASE_URL =~ $pattern ]] || fail "DATABASE_URL is not postgresql://user:password@host:port/name"
    PGUSER=$(decode "${BASH_REMATCH[2]}")
    PGPASSWORD=$(decode "${BASH_REMATCH[4]}")
    PGHOST=$(decode "${BASH_REMATCH[5]}")
    PGPORT=${BASH_REMATCH[7]:-5432}
    PGDATABASE=$(decode "${BASH_REMATCH[8]}")
    [[ ${BASH_REMATCH[10]} =~ sslmode=([a-z-]+) ]] && export PGSSLMODE="${BASH_REMATCH[1]}"
elif [ -n "${POSTGRES_DB:-}${POSTGRES_HOST:-}${POSTGRES_USER:-}${POSTGRES_PASSWORD:-}" ]; then
    PGUSER=${POSTGRES_USER:-taskhouse}
    PGPASSWORD=${POSTGRES_PASSWORD:-}
    PGHOST=${POSTGRES_HOST:-127.0.0.1}
    PGPORT=${POSTGRES_PORT:-5432}
    PGDATABASE=${POSTGRES_DB:-taskhouse}
fi
: "${PGDATABASE:?DATABASE_URL or POSTGRES_* say which database}"
export PGUSER PGPASSWORD PGHOST PGPORT PGDATABASE

media=${MEDIA_ROOT:-}
if [ "${STORAGE:-filesystem}" = filesystem ]; then
    [ -d "$media" ] || fail "MEDIA_ROOT is not a folder: '$media'"
fi
