# shellcheck shell=bash
# The table of README.md that says with which versions the specs have passed.

# Puts ROW in the place of NAME's row, or takes that out where ROW is empty. NAMES are all that may have one, in order.
write_versions_row() {
  local file=$1 names=$2 name=$3 row=$4
  if ! grep -q '^<!-- versions:' "$file" || ! grep -q '^<!-- /versions -->$' "$file"; then
    fail "$file does not have the two marks between which the table of versions goes."
  fi
  awk -v names="$names" -v name="$name" -v row="$row" '
    /^<!-- versions:/ { inside = 1 }
    /^<!-- \/versions -->$/ { inside = 0 }
    NR == FNR { if (inside) rows[$2] = $0; next }
    # Names are in small letters, the head is not.
    inside && /^\| [a-z]/ { next }
    { print }
    inside && /^\|---/ {
      rows[name] = row
      count = split(names, order, " ")
      for (i = 1; i <= count; i++) if (rows[order[i]]) print rows[order[i]]
    }' "$file" "$file" >"$file.new"
  # Not by renaming: the file keeps its owner and mode.
  cat "$file.new" >"$file"
  rm "$file.new"
}
