#!/bin/sh
# Runs a command beside busy loops and returns its exit code: bench/loaded.sh 6 npm test
case "${1:-}" in
'' | *[!0-9]*)
  echo 'Usage: bench/loaded.sh <number of busy loops> <command> [arguments]' >&2
  exit 2
  ;;
esac
if [ $# -lt 2 ]; then
  echo "There is no command to run beside $1 busy loops. Add one: bench/loaded.sh $1 npm test" >&2
  exit 2
fi
loops=$1
shift

pids=
end_loops() {
  for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
}
trap end_loops EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

while [ "$loops" -gt 0 ]; do
  # A loop ends by itself when this script is gone, even if the script was killed.
  (while kill -0 $$ 2>/dev/null; do i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; done) &
  pids="$pids $!"
  loops=$((loops - 1))
done

# In the background, so that a signal is handled at once and not after the command.
"$@" &
command=$!
end_all() {
  kill "$command" 2>/dev/null
  end_loops
}
trap end_all EXIT
wait "$command"
status=$?
trap end_loops EXIT
exit "$status"
