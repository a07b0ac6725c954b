#!/usr/bin/env bash
# Run once by PostgreSQL's image, after it has made the cluster and the database: makes the application's role, which owns
# the database and is no superuser. The superuser keeps no password, so that it logs in inside the container only:
# docker compose exec db psql -U postgres
set -euo pipefail

if [ "$OWNER" = "$POSTGRES_USER" ]; then
    echo "POSTGRES_USER=$OWNER is the superuser of this server: the application will run as one" >&2
    exit 0
fi
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'END'
\getenv owner OWNER
\getenv password POSTGRES_PASSWORD
\getenv database POSTGRES_DB
CREATE ROLE :"owner" LOGIN PASSWORD :'password';
ALTER DATABASE :"database" OWNER TO :"owner";
ALTER ROLE CURRENT_USER PASSWORD NULL;
END
