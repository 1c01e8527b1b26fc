# Makes a copy of this machine that is thrown away, and runs a page in it:
# `unshare ... bash machine.sh PAGE SCRIPT TRANSCRIPT ROOT NODE`. Whatever a page writes goes to memory, its ports are free, and nothing leaves it: it has
# the loopback interface alone. A page that speaks of systemctl gets a systemd of its own.
set -euo pipefail
readonly script=$2 transcript=$3 root=$4 node=$5
readonly path="$(dirname "$node"):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
folder=$(dirname "$transcript")
layers="$folder/layers"

main() {
  copy_machine
  add_devices
  add_broker
  local reader=(/usr/bin/env -i PATH="$path" HOME=/root LANG=C.UTF-8 bash "$root/test/docs/reader.sh" "$@")
  if grep -q systemctl "$script"; then
    boot "${reader[@]}"
  else
    exec chroot . "${reader[@]}"
  fi
}

copy_machine() {
  mount --make-rprivate /
  mkdir "$layers"
  mount -t tmpfs layers "$layers"
  mkdir "$layers"/{changes,work,machine}
  mount -t overlay machine -o "lowerdir=/,upperdir=$layers/changes,workdir=$layers/work" "$layers/machine"
  cd "$layers/machine"
  # A checkout on a file system of its own is none of the layer below.
  if [[ ! -e ./$root/package.json ]]; then
    mkdir -p "./$root" "$layers"/{project,project-work}
    mount -t overlay project -o "lowerdir=$root,upperdir=$layers/project,workdir=$layers/project-work" "./$root"
  fi
  # The transcript is to be read afterwards.
  mkdir -p "./$folder"
  mount --bind "$folder" "./$folder"
  ip link set lo up
}

# Enough of /dev to work with, and of /proc and /sys nothing that can be written and reaches beyond.
add_devices() {
  local device
  mount -t proc proc proc
  mount --bind -o ro proc/sys proc/sys
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs -o mode=755 run run
  mount -t tmpfs -o mode=755 dev dev
  for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
  done
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
  mount -t tmpfs shm dev/shm
  ln -s /proc/self/fd dev/fd
  ln -s pts/ptmx dev/ptmx
}

# The broker stands where the checkout is, and where the documentation has it installed.
add_broker() {
  rm -rf "./$root/data"
  mkdir -p opt/surety
  mount --bind "./$root" opt/surety
  [[ -e usr/bin/node ]] || ln -s "$node" usr/bin/node
  ln -sf /opt/surety/bin/surety.js usr/local/bin/surety
}

# Starts systemd with the units that /etc has and its journal, and none of those that come with the machine; it ends with the page.
boot() {
  local units=etc/systemd/system target
  mkdir -p "$units"
  for target in sysinit basic multi-user shutdown network-online; do
    rm -rf "$units/$target.target.wants"
    printf '[Unit]\nDefaultDependencies=no\n' >"$units/$target.target"
  done
  cp lib/systemd/system/systemd-journald{.service,.socket,-dev-log.socket} "$units"
  rm -f "$units/default.target"
  cat >"$units/default.target" <<UNIT
[Unit]
Wants=page.service systemd-journald.socket systemd-journald-dev-log.socket
UNIT
  cat >"$units/page.service" <<UNIT
[Service]
Type=oneshot
ExecStart=$(printf '"%s" ' "$@")
StandardOutput=append:$transcript
StandardError=inherit
ExecStopPost=/bin/sh -c 'exec systemctl --force exit "\$EXIT_STATUS"'
UNIT
  mount --rbind . .
  pivot_root . mnt
  cd /
  umount -l /mnt
  exec env -i container=docs PATH="$path" SYSTEMD_UNIT_PATH=/etc/systemd/system \
    /lib/systemd/systemd --log-target=console --log-level=warning --show-status=0
}

main "$@"
