# Makes a copy of this machine that is thrown away, and runs a page in it: `unshare ... bash machine.sh PAGE SCRIPT TRANSCRIPT ROOT NODE_BIN`. Whatever a page writes goes
# to memory, its ports are free, and nothing leaves it: it has the loopback interface alone.
set -euo pipefail
readonly folder=$(dirname "$3") root=$4

mount --make-rprivate /
layers="$folder/layers"
mkdir "$layers"
mount -t tmpfs layers "$layers"
mkdir "$layers"/{changes,work,machine}
mount -t overlay machine -o "lowerdir=/,upperdir=$layers/changes,workdir=$layers/work" "$layers/machine"
cd "$layers/machine"
mount --rbind /dev dev
mount --rbind /sys sys
mount -t proc proc proc
# Where the transcript is; and the project, if it has a file system of its own.
mkdir -p "./$folder"
mount --bind "$folder" "./$folder"
ip link set lo up
rm -rf "./$root/data"
ln -sf "$root/bin/surety.js" usr/local/bin/surety
exec chroot . env -i PATH="$5:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root LANG=C.UTF-8 bash "$root/test/docs/reader.sh" "$@"
