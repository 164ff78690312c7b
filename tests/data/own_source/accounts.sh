#!/bin/sh
# Press accounts in a table, name;account;desk;from;until, as rules for those that are active today:
#   sh accounts.sh press.csv | traptor rules json - --type follow
set -eu
today=$(date +%Y-%m-%d)

awk -F ';' -v today="$today" '
  function text(s) { gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }   # as JSON writes it
  NR > 1 && $4 <= today && ($5 == "" || $5 >= today) {
    print "{\"value\":" text($2) ",\"tag\":" text($3) ",\"outlet\":" text($1) "}"
  }
' "$1"
