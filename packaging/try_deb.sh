#!/usr/bin/env bash
# Installs a package of PQLDesk on a bare Debian 12 and uses it there: try_deb.sh FILE.deb. Needs root and mmdebstrap.
set -euo pipefail
package=$(realpath "$1")
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
mmdebstrap --quiet --variant=minbase bookworm "$root"
cp "$package" "$root/pqldesk.deb"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
inside sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /pqldesk.deb' >/dev/null
inside sh -c '! command -v python3' || { echo "the root has a Python of its own; this would prove nothing" >&2; exit 1; }
inside pqldesk --version
printf 'email,user_id,signup_at\nana@acme.example,u1,2026-01-05T10:00:00Z\n' >"$root/root/leads.csv"
inside pqldesk --workspace /root/w.pqldesk import leads /root/leads.csv
inside pqldesk --workspace /root/w.pqldesk queue | grep ana@acme.example
inside pqldesk demo --headless /root/pictures >"$root/root/demo.txt"
test "$(find "$root/root/pictures" -name '*.png' | wc -l)" -ge 20
grep -q 'PLG Handoff Context' "$root/root/demo.txt"
test -s "$root/usr/share/man/man1/pqldesk.1" && test -L "$root/usr/bin/pqldesk"
inside sh -c 'DEBIAN_FRONTEND=noninteractive apt-get remove -y -qq pqldesk' >/dev/null
test ! -e "$root/opt/pqldesk"
echo "installed, used and removed on a bare Debian 12: $(basename "$package")"
