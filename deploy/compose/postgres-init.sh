#!/bin/sh
# Makes the user by which Grafana reads the views of the broker, and nothing else. Runs once, when the database is made.
set -eu

psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --set=ON_ERROR_STOP=1 --set=password="$GRAFANA_DB_PASSWORD" <<'SQL'
create role surety_reader nologin;
create role grafana_reader login password :'password' in role surety_reader;
alter role grafana_reader set default_transaction_read_only = on;
alter role grafana_reader set statement_timeout = '30s';
SQL
