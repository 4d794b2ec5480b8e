#!/bin/sh
# Outlives its supervisor by a few seconds, however that one ends, and takes what it started along.
# Input, a line each: "add PID SIGNAL" (PID leads its own process group), "remove PID".
# At the end of the input the supervisor is gone: everything still listed gets its signal, and the
# groups that are left after three seconds are killed.
trap '' INT TERM HUP QUIT

entries=''
while read -r verb pid signal; do
  case "$verb" in
    add) entries="$entries $pid:$signal" ;;
    remove)
      kept=''
      for entry in $entries; do
        [ "${entry%%:*}" = "$pid" ] || kept="$kept $entry"
      done
      entries="$kept"
      ;;
  esac
done

for entry in $entries; do
  kill -s "${entry##*:}" "${entry%%:*}" 2>/dev/null
done

tries=0
while [ "$tries" -lt 30 ]; do
  left=''
  for entry in $entries; do
    kill -s 0 -- "-${entry%%:*}" 2>/dev/null && left="$left $entry"
  done
  [ -z "$left" ] && exit 0
  sleep 0.1
  tries=$((tries + 1))
done

for entry in $left; do
  kill -s KILL -- "-${entry%%:*}" 2>/dev/null
done
