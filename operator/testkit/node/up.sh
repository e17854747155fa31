#!/bin/bash
# Starts a real node's process 1 in namespaces and cgroups of its own: up.sh CGROUP COMMAND…
# Only the cgroup's folders are outside of the namespaces; whoever ends the node removes them.
cgroup=$1
shift
# All processes of the cluster's nodes together would otherwise get as much CPU as a single process of a busy machine.
cluster=${cgroup%%/*} times_one_process=16
set -- --mount --pid --net --uts --ipc --fork --kill-child=SIGKILL --propagation private -- "$@"
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p "/sys/fs/cgroup/$cgroup/init"
  read -r controllers < /sys/fs/cgroup/cgroup.controllers
  group=/sys/fs/cgroup
  # Each level passes its controllers on to the next.
  while read -r part; do
    for controller in $controllers; do echo "+$controller" > "$group/cgroup.subtree_control" 2>/dev/null; done
    group=$group/$part
  done <<< "${cgroup//\//$'\n'}"
  [ -f "/sys/fs/cgroup/$cluster/cpu.weight" ] && echo $((100 * times_one_process)) > "/sys/fs/cgroup/$cluster/cpu.weight"
  # The node's cgroup is the root of its cgroup namespace. Only without processes of its own can it pass controllers on, so
  # they all are in init, and the containers come beside it.
  echo $$ > "/sys/fs/cgroup/$cgroup/cgroup.procs"
  exec unshare --cgroup -- bash -c 'echo $$ > "$0/init/cgroup.procs" && exec unshare "$@"' "/sys/fs/cgroup/$cgroup" "$@"
fi
for hierarchy in /sys/fs/cgroup/*; do
  [ -f "$hierarchy/cgroup.procs" ] || continue
  mkdir -p "$hierarchy/$cgroup"
  # A cpuset is empty at first, and takes no process before it has a processor.
  for part in "${cgroup%/*}" "$cgroup"; do
    for file in cpuset.cpus cpuset.mems; do
      [ -f "$hierarchy/$file" ] && cat "$hierarchy/$file" > "$hierarchy/$part/$file"
    done
  done
  shares=$hierarchy/$cluster/cpu.shares
  [ -f "$shares" ] && echo $((1024 * times_one_process)) > "$shares"
  echo $$ > "$hierarchy/$cgroup/cgroup.procs"
done
exec unshare --cgroup "$@"
