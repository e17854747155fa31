#!/bin/bash
# Runs a command in a real node: enter.sh PID CGROUP COMMAND…
# PID is the node's process 1, CGROUP its cgroup's path in every hierarchy. The shell's own commands only: whoever started this
# takes its first child process for the command.
pid=$1 cgroup=$2
shift 2
for procs in /sys/fs/cgroup/*/"$cgroup"/cgroup.procs /sys/fs/cgroup/"$cgroup"/init/cgroup.procs; do
  [ -f "$procs" ] && echo $$ > "$procs"
done
exec nsenter --target "$pid" --mount --pid --net --uts --ipc --cgroup -- "$@"
