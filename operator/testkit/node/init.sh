#!/bin/bash
# Process 1 of a real node: init.sh FOLDER NAME. Makes what it mounts, which is seen in this node only and goes with this process,
# creates FOLDER/ready, and then waits.
set -euo pipefail
folder=$1 name=$2
mount -t proc proc /proc
# The machine's cgroup mounts would be found first.
umount -R /sys/fs/cgroup
mount -t sysfs sysfs /sys
if grep -q '^0::' /proc/self/cgroup && [ "$(wc -l < /proc/self/cgroup)" = 1 ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control || true
  done
else
  mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  while IFS=: read -r _ controllers _; do
    case $controllers in
      '') ;;
      # systemd's has no controllers. Without a mount of it containerd sees no OOM kills.
      name=*)
        mkdir -p "/sys/fs/cgroup/${controllers#name=}"
        mount -t cgroup -o "none,$controllers" cgroup "/sys/fs/cgroup/${controllers#name=}"
        ;;
      *)
        mkdir -p "/sys/fs/cgroup/$controllers"
        mount -t cgroup -o "$controllers" cgroup "/sys/fs/cgroup/$controllers"
        ;;
    esac
  done < /proc/self/cgroup
fi
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lock /run/netns
# Folders into which the kubelet, containerd and CNI plugins write fixed paths: the machine's below, the node's own above.
mkdir -p "$folder/upper"
mount -t tmpfs -o mode=755 upper "$folder/upper"
for fixed in /etc /var /opt; do
  upper=$folder/upper$fixed
  mkdir -p "$upper" "$upper.work"
  mount -t overlay -o "lowerdir=$fixed,upperdir=$upper,workdir=$upper.work" overlay "$fixed"
done
# The kubelet wants these settings, which are the machine's: it sees what it wants to see. All of /proc/sys but what belongs to
# this node's network cannot be written.
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1; do
  file=$folder/sysctl-$(echo "${setting%%=*}" | tr / -)
  echo "${setting#*=}" > "$file"
  mount --bind "$file" "/proc/sys/${setting%%=*}"
done
hostname "$name"
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
: > "$folder/resolv.conf"
: > "$folder/ready"
# While it waits, the shell reaps what is orphaned in here: containerd's shims, for one.
trap 'exit 0' TERM
while :; do
  sleep 1000000 &
  wait $! || true
done
